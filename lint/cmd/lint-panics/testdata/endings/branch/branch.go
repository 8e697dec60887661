// want: early

package branch

import (
	"os"
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer sentry.Recover()
		if len(os.Args) == 1 {
			defer wg.Done()
		}
		work()
	}()
	wg.Wait()
}
