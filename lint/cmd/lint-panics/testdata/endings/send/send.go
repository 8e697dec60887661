// want: early

package send

import (
	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	done := make(chan int)
	go func() {
		defer sentry.Recover()
		defer func() { done <- 1 }()
		work()
	}()
	<-done
}
