// want: early

package loop

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

var once sync.Once

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer sentry.Recover()
		for range 2 {
			defer once.Do(wg.Done)
			work()
		}
	}()
	wg.Wait()
}
