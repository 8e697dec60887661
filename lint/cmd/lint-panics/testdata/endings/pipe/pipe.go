// want: early

package pipe

import (
	"io"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	r, w := io.Pipe()
	go func() {
		defer sentry.Recover()
		defer w.Close()
		work()
	}()
	_, _ = io.Copy(io.Discard, r)
}
