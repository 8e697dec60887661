// want: late

// Package nilfield has a guard in a field of a pointer that is nil.
package nilfield

import "github.com/panicreport/sentry"

type server struct{ onPanic func() }

func newServer(quiet bool) *server {
	if quiet {
		return nil
	}
	return &server{sentry.Recover}
}

func Main() {
	s := newServer(true)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer s.onPanic()
		panic("boom")
	}()
	<-done
}
