// want: exits

package mainfunc

import (
	"os"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	defer sentry.Recover()
	defer os.Exit(0)
	work()
}
