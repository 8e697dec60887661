// want: missing

package missinginner

import (
	"sync"
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
	go func() { s.loop() }()
	s.wg.Wait()
}
