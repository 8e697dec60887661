// want: early

package oncefunc

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	done := make(chan struct{})
	end := sync.OnceFunc(func() { close(done) })
	go func() {
		defer sentry.Recover()
		defer end()
		work()
	}()
	<-done
}
