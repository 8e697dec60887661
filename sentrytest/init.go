package sentrytest

import "github.com/panicreport/sentry"

// Init starts a server for a test and lets package sentry report to it, with the options opts in addition. When the test ends, it
// calls [sentry.Close] and closes the server:
//
//	func TestACrashIsReported(t *testing.T) {
//		server := sentrytest.Init(t)
//		require.Panics(t, worker.Run) // has deferred sentry.Recover
//		require.Equal(t, "panic: out of paper", server.Wait(1)[0].Title())
//	}
//
// Reporting belongs to the process, so such a test can not run in parallel: if it, or a test that contains it, has called
// t.Parallel, Init panics, as t.Setenv does. Other tests of the package can. Where a test needs two servers or none, it uses
// [NewServer].
//
// Init also removes DO_NOT_TRACK from the environment until the test ends. Otherwise, the test of a developer who has set it would
// wait in vain.
func Init(tb interface {
	TB
	Setenv(key, value string)
}, opts ...sentry.Option) *Server {
	tb.Helper()
	tb.Setenv("DO_NOT_TRACK", "")
	server := NewServer(tb)
	if server == nil {
		return nil // only for a TB whose Fatalf returns
	}
	if err := sentry.Init(append([]sentry.Option{sentry.WithDSN(server.DSN())}, opts...)...); err != nil {
		tb.Fatalf("sentrytest: %v", err)
		return nil
	}
	tb.Cleanup(func() { _ = sentry.Close() }) // its error is that of a server that the test has taken down, say
	return server
}
