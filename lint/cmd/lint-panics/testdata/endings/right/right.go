// want:

package right

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

var done = make(chan int)

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer close(done)
		defer sentry.Recover()
		work()
	}()
	wg.Wait()
}
