// Package closer is a package of the project.
package closer

import "sync"

type Closer struct{ waiting sync.WaitGroup }

func New() *Closer {
	c := new(Closer)
	c.waiting.Add(1)
	return c
}

func (c *Closer) Done() { c.waiting.Done() }
func (c *Closer) Wait() { c.waiting.Wait() }

// Loop is also called directly, and so gets no guard.
func Loop(wg *sync.WaitGroup) {
	defer wg.Done()
	panic("loop")
}
