// Package sentrytest is a Sentry server for tests and demonstrations. It runs in the process, on a port of the loopback
// interface, and takes what a real client sends over real HTTP: envelopes, plain or compressed. A test hands its DSN to the code
// that reports, waits for the events and looks at them as typed values:
//
//	func TestACrashIsReported(t *testing.T) {
//		server := sentrytest.NewServer(t)
//		require.NoError(t, sentry.Init(sentry.WithDSN(server.DSN())))
//
//		worker.Run() // panics in a goroutine that deferred sentry.RecoverError
//
//		event := server.Wait(1)[0]
//		require.Equal(t, "runtime error: index out of range [5] with length 3", event.Title())
//		require.Equal(t, "(*Worker).step", event.Top().Function)
//		require.True(t, event.Unhandled())
//	}
//
// [Server.Answer] makes the server go wrong: statuses, rate limits, delays, answers that are lost, cut short or never come. For
// each attempt of a client [Server.Attempts] has what arrived and what became of it.
//
// # What it accepts
//
// The server asks of a request what Sentry's own front, Relay, asks of it: path, method, key, the form of the envelope, sizes.
// Like Sentry it drops an event whose id it has accepted before. It is stricter in one respect: what Sentry answers with 200 and
// discards later (an event that is not JSON, two events in one envelope, an event without an id) is refused at once with 400
// and the reason, because a test should hear of it.
//
// # What it does not do
//
// It does not group, sample, filter or normalise: an event is shown as it arrived. It speaks no TLS and no HTTP/2, knows one
// project, and keeps everything in memory until it is garbage, so it is no server to leave running. Metrics of the statsd
// kind, replays, profiles and aggregated sessions are kept as untyped items.
package sentrytest
