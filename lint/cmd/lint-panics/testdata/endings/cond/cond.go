// want: early

package cond

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

var (
	mu    sync.Mutex
	cond  = sync.NewCond(&mu)
	ended bool
)

func Main() {
	go func() {
		defer sentry.Recover()
		defer func() {
			mu.Lock()
			ended = true
			mu.Unlock()
			cond.Broadcast()
		}()
		work()
	}()
	mu.Lock()
	for !ended {
		cond.Wait()
	}
	mu.Unlock()
}
