// want: early, no fix

package otherloop

import (
	"sync"

	"example.com/fix/closer"
	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer sentry.Recover()
		closer.Loop(&wg)
	}()
	wg.Wait()
}
