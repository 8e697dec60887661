// want: early

package cancel

import (
	"context"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

func Main() {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer sentry.Recover()
		defer cancel()
		work()
	}()
	<-ctx.Done()
}
