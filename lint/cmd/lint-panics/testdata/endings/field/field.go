// want: early

package field

import (
	"context"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

type server struct {
	name   string
	cancel context.CancelCauseFunc
}

func (s *server) run() {
	defer sentry.Recover()
	defer s.cancel(nil)
	work()
}

func Main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	s := &server{"a", cancel}
	go s.run()
	<-ctx.Done()
}
