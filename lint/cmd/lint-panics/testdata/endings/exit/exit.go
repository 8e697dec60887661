// want: exits

package exit

import (
	"os"
	"time"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	go func() {
		defer sentry.Recover()
		defer os.Exit(0)
		work()
	}()
	time.Sleep(time.Second)
}
