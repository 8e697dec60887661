// want: early

package inner

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

type server struct{ wg sync.WaitGroup }

func (s *server) loop() {
	defer s.wg.Done()
	work()
}

func Main() {
	s := new(server)
	s.wg.Add(1)
	go func() {
		defer sentry.Recover()
		s.loop()
	}()
	s.wg.Wait()
}
