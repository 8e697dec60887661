package literal

import "fmt" // for the reader

func (s *server) other() {
	f := func() { fmt.Println(s.n) }
	go f()
}
