// want: early

package pipeerror

import (
	"io"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	r, w := io.Pipe()
	var err error
	go func() {
		defer sentry.Recover()
		defer func() { _ = w.CloseWithError(err) }()
		work()
	}()
	_, _ = io.Copy(io.Discard, r)
}
