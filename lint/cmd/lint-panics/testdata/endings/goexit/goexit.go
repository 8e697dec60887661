// want: exits

package goexit

import (
	"runtime"
	"time"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	go func() {
		defer sentry.Recover()
		defer runtime.Goexit()
		work()
	}()
	time.Sleep(time.Second)
}
