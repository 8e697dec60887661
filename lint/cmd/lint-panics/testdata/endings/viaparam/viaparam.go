// want: early

package viaparam

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func run(start func(f func())) {
	var wg sync.WaitGroup
	wg.Add(1)
	start(func() {
		defer wg.Done()
		work()
	})
	wg.Wait()
}

func Main() {
	run(func(f func()) {
		go func() {
			defer sentry.Recover()
			f()
		}()
	})
}
