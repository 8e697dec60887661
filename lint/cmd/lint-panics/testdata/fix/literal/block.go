// Package literal has goroutines to be guarded in place.
package literal

import (
	"sync"
	"time"
)

type server struct {
	wg sync.WaitGroup
	n  int
}

func (s *server) start() {
	go s.loop()
	s.wg.Go(s.loop)
	s.wg.Go(func() {
		s.loop()
	})
	time.AfterFunc(time.Second, func() { s.other() })
}

func (s *server) loop() {
	// First things first.
	println(1 / s.n)
}
