// want: early

package two

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
		defer sentry.Recover()
		defer close(done)
		defer wg.Done()
		work()
	}()
	wg.Wait()
}
