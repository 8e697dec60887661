// want: early

package viainterface

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

type starter interface{ start(f func()) }

type safe struct{}

func (safe) start(f func()) {
	go func() {
		defer sentry.Recover()
		f()
	}()
}

func Main() {
	var s starter = safe{}
	var wg sync.WaitGroup
	wg.Add(1)
	s.start(func() {
		defer wg.Done()
		work()
	})
	wg.Wait()
}
