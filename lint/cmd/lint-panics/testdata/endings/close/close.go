// want: early

package close

import (
	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	done := make(chan int)
	go func() {
		defer sentry.Recover()
		defer close(done)
		work()
	}()
	<-done
}
