// want: early

package slots

import (
	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	slots := make(chan int, 1)
	slots <- 1
	go func() {
		defer sentry.Recover()
		defer func() { <-slots }()
		work()
	}()
	slots <- 1
}
