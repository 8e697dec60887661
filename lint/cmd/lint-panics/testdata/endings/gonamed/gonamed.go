// want: early

package gonamed

import "github.com/panicreport/sentry"

type server struct{ done chan struct{} }

func (s *server) run() {
	defer close(s.done)
	panic("run")
}

func Main() {
	s := &server{make(chan struct{})}
	sentry.Go(s.run)
	<-s.done
}
