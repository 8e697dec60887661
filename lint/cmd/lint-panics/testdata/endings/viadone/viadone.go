// want: early

package viadone

import (
	"sync"

	"github.com/panicreport/sentry"
)

type waiter interface{ Done() }

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	start(&wg)
	wg.Wait()
}

func start(w waiter) {
	go func() {
		defer sentry.Recover()
		defer w.Done()
		panic("boom")
	}()
}
