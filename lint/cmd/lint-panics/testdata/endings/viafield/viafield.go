// want: early

package viafield

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

type app struct{ start func(f func()) }

func safe(f func()) {
	go func() {
		defer sentry.Recover()
		f()
	}()
}

func Main() {
	a := app{start: safe}
	var wg sync.WaitGroup
	wg.Add(1)
	a.start(func() {
		defer wg.Done()
		work()
	})
	wg.Wait()
}
