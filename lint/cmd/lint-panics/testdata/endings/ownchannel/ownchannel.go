// want:

package ownchannel

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer sentry.Recover()
		done := make(chan int)
		defer close(done)
		work()
	}()
	wg.Wait()
}
