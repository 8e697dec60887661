// want: exits

package fatal

import (
	"log"
	"time"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	go func() {
		defer sentry.Recover()
		defer log.Fatal("end")
		work()
	}()
	time.Sleep(time.Second)
}
