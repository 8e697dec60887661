// want: exits

package quit

import (
	"os"
	"time"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func quit() {
	println("quit")
	os.Exit(3)
}

func Main() {
	go func() {
		defer sentry.Recover()
		defer quit()
		work()
	}()
	time.Sleep(time.Second)
}
