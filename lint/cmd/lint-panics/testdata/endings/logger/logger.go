// want: exits

package logger

import (
	"log"
	"os"
	"time"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

var logger = log.New(os.Stderr, "", 0)

func Main() {
	go func() {
		defer sentry.Recover()
		defer logger.Fatalln("end")
		work()
	}()
	time.Sleep(time.Second)
}
