// want: early

package offer

import (
	"time"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func started() { time.Sleep(time.Millisecond) }

func Main() {
	done := make(chan int)
	go func() {
		defer sentry.Recover()
		defer func() {
			select {
			case done <- 1:
			default:
			}
		}()
		started()
		work()
	}()
	<-done
}
