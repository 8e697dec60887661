package wrap

import (
	"context"
	"os"
	"sync"
	"time"
)

type runner interface {
	run(ctx context.Context, names ...string) error
}

type task struct {
	do   func(time.Duration)
	list []func()
}

func use(ctx context.Context, r runner, t *task, f func(), names []string) {
	go f()
	go r.run(ctx, "a", "b")
	go r.run(ctx, names...)
	go t.do(time.Second)
	go t.list[0]()
	for i := 0; i < 3; i++ {
		go t.do(time.Duration(i))
	}
	for _, f := range t.list {
		go f()
	}
	g := f
	g = t.list[1]
	go g()
	c := make(chan *os.File)
	go close(c)
	var wg sync.WaitGroup
	wg.Go(f)
	context.AfterFunc(ctx, f)
	file := <-c
	go file.Close()
	go os.Chdir(names[0])
}

func reassigned(f func()) {
	if f == nil {
		f = func() { println(os.Args[1]) }
	}
	go f()
}

func generic[T interface{ Run(T) }](t T) {
	go t.Run(t)
}
