// want: missing

package missingloop

func work() { panic("work") }

type server struct {
	name string
	done chan int
}

func (s *server) loop() {
	defer close(s.done)
	println(s.name)
	work()
}

func Main() {
	s := &server{"a", make(chan int)}
	go s.loop()
	<-s.done
}
