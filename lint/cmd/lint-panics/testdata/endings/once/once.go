// want: early

package once

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

var once sync.Once

func Main() {
	done := make(chan int)
	go func() {
		defer sentry.Recover()
		defer once.Do(func() { close(done) })
		work()
	}()
	<-done
}
