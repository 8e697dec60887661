// want: early

package cancelplain

import (
	"context"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

type job struct {
	ctx    context.Context
	cancel func() // a context.CancelFunc
}

func (j *job) run() {
	defer sentry.Recover()
	defer j.cancel()
	work()
}

func Main() {
	j := new(job)
	j.ctx, j.cancel = context.WithCancel(context.Background())
	go j.run()
	<-j.ctx.Done()
}
