// want: early

package apart

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
		println(os.Args[0])
		defer wg.Done()
		work()
	}()
	wg.Wait()
}
