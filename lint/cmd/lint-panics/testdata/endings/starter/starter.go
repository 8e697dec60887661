// want: early

package starter

import (
	"sync"

	"github.com/panicreport/sentry"
)

type server struct{ wg sync.WaitGroup }

func (s *server) start(f func()) {
	s.wg.Add(1)
	go func() {
		defer sentry.Recover()
		println("started")
		f()
	}()
}

func (s *server) loop() { panic("loop") }

func Main() {
	s := new(server)
	s.start(func() {
		defer s.wg.Done()
		s.loop()
	})
	s.wg.Wait()
}
