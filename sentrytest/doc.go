// Package sentrytest provides a Sentry server for tests and demonstrations. The server runs in the process of the test, on a port
// of the loopback interface. It receives what a real client sends over HTTP: envelopes, plain or compressed. A test passes the
// DSN of the server to the code that reports, waits for the events, and checks them as typed values:
//
//	func TestACrashIsReported(t *testing.T) {
//		server := sentrytest.Init(t)
//
//		require.Panics(t, worker.Run) // has deferred sentry.Recover
//
//		event := server.Wait(1)[0]
//		require.Equal(t, "runtime error: index out of range [5] with length 3", event.Title())
//		require.Equal(t, "(*Worker).step", event.Top().Function)
//		require.True(t, event.Unhandled())
//	}
//
// With [Server.Answer], the server fails as a real one can: with a status, a rate limit, a delay, or a response that is lost, cut
// short or never sent. [Server.Attempts] returns each request of a client, and what the server did with it.
//
// [Init] is for code that reports through package sentry. [NewServer] serves any client of Sentry: the code that reports gets its
// DSN.
//
// # What it accepts
//
// The server checks a request as Relay does, the part of Sentry that receives requests. It checks the path, the method, the key,
// the form of the envelope and the sizes. Like Sentry, it drops an event whose id it has accepted before.
//
// It is stricter than Sentry in one respect. Sentry responds to some requests with status 200 and discards them later: an event
// that is not JSON, two events in one envelope, an event without an id. The server refuses them at once with status 400 and the
// reason, because a test should notice.
//
// # What it does not do
//
// The server does not group, sample, filter or normalise events. A test sees an event as it arrived. The server has no TLS, no
// HTTP/2 and only one project. It keeps everything in memory, so it should not run for long. It keeps statsd metrics, replays,
// profiles and aggregated sessions as untyped items.
package sentrytest
