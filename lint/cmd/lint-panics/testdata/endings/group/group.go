// want: early

package group

import (
	"sync"

	"github.com/panicreport/sentry"
)

func work() { panic("work") }

// group is as errgroup is made.
type group struct {
	wg  sync.WaitGroup
	sem chan int
}

func (g *group) done() {
	if g.sem != nil {
		<-g.sem
	}
	g.wg.Done()
}

func (g *group) run(f func()) {
	g.wg.Add(1)
	go func() {
		defer sentry.Recover()
		defer g.done()
		f()
	}()
}

func Main() {
	g := new(group)
	g.run(work)
	g.wg.Wait()
}
