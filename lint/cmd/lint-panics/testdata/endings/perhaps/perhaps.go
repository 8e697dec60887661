// want: exits

package perhaps

import (
	"os"
	"time"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	go func() {
		defer sentry.Recover()
		defer func() {
			if len(os.Args) == 1 {
				os.Exit(4)
			}
		}()
		work()
	}()
	time.Sleep(time.Second)
}
