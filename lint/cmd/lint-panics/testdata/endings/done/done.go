// want: early

package done

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer sentry.Recover()
		defer wg.Done()
		work()
	}()
	wg.Wait()
}
