// want: early

package otherpackage

import (
	"example.com/fix/closer"
	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	c := closer.New()
	go func() {
		defer sentry.Recover()
		defer c.Done()
		work()
	}()
	c.Wait()
}
