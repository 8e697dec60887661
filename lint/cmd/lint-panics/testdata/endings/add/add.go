// want: early

package add

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
		defer wg.Add(-1)
		work()
	}()
	wg.Wait()
}
