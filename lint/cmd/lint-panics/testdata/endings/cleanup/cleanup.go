// want: early

package cleanup

import (
	"os"
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func cleanup() { println(len(os.Args[0])) }

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer sentry.Recover()
		defer func() {
			cleanup()
			wg.Done()
		}()
		work()
	}()
	wg.Wait()
}
