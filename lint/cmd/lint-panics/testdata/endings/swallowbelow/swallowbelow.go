// want: swallowed

// Package swallowbelow has a guard, but something else recovers the panic first.
package swallowbelow

import (
	"sync"

	"github.com/panicreport/sentry"
)

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer sentry.Recover()
		defer func() { _ = recover() }()
		panic("boom")
	}()
	wg.Wait()
}
