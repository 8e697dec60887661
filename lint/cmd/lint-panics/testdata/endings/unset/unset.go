// want: conditional

// Package unset has a guard in a field, which is not always set.
package unset

import (
	"sync"

	"github.com/panicreport/sentry"
)

type server struct {
	wg      sync.WaitGroup
	onPanic func()
}

func newServer(quiet bool) *server {
	s := new(server)
	if !quiet {
		s.onPanic = sentry.Recover
	}
	return s
}

func Main() {
	s := newServer(true)
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		defer s.onPanic()
		panic("boom")
	}()
	s.wg.Wait()
}
