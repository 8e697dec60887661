// want: early

package gofunc

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	sentry.Go(func() {
		defer wg.Done()
		work()
	})
	wg.Wait()
}
