// The program starts goroutines with values that change afterwards. It has one
// processor, so that a goroutine runs when main waits for it, after the change: a fix
// that evaluates a value too late prints another one.
package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

var got = make(chan string, 10)

func use(x any) { got <- fmt.Sprint(x) }

type counter struct{ n int }

func (c *counter) inc() { c.n++ }
func (c counter) show() { use(c.n) }

type holder struct{ *counter }

type server struct{ name, sentry string }

func pointerMethod() {
	x := counter{}
	go use(x)
	x.inc()
}

func part() {
	x := counter{}
	p := &x.n
	go use(x)
	*p = 5
}

func sliced() {
	a := [2]int{1, 2}
	s := a[:]
	go use(a)
	s[0] = 9
}

func madeHere() {
	s := &server{}
	s.name = "a"
	go use(s.name)
	s.name = "b"
}

func madeHereInALoop() {
	s := &server{}
	for _, name := range []string{"a", "b"} {
		s.name = name
		go use(s.name)
	}
}

func jump() {
	x := 0
again:
	x++
	go use(x)
	if x < 3 {
		goto again
	}
}

func closure() {
	x := 0
	run := func() {
		x++
		go use(x)
	}
	run()
	run()
}

func result() (n int) {
	n = 1
	go use(n)
	return 5
}

func hiddenName() {
	s := []server{{sentry: "x"}}
	go use(s[0].sentry)
	s[0].sentry = "y"
}

func counted() {
	for i := 0; i < 3; i++ {
		go use(i)
	}
}

func countedOutside() {
	var i int
	for i = 0; i < 3; i++ {
		go use(i)
	}
}

func rangedOutside() {
	var v string
	for _, v = range []string{"a", "b"} {
		go use(v)
	}
}

func received() {
	c := make(chan int, 2)
	c <- 1
	c <- 2
	var v int
	for range 2 {
		select {
		case v = <-c:
			go use(v)
		}
	}
}

func deferred() {
	x := 1
	defer func() { x = 2 }()
	go use(x)
}

func methodValue() {
	c := counter{1}
	f := c.show
	go f()
	c.n, f = 2, nil
}

func valueReceiver() {
	c := counter{1}
	go c.show()
	c.n = 2
}

func valueOfPointer() {
	c := &counter{1}
	go c.show()
	c.n = 2
}

func valueOfEmbedded() {
	h := holder{&counter{1}}
	go h.show()
	h.n = 2
}

func unnamedStruct() {
	names := []string{"a"}
	go use(struct {
		name string
		n    int
	}{
		names[0],
		2,
	})
	names[0] = "b"
}

func element() {
	m := map[string]int{"a": 1}
	go use(m["a"])
	m["a"] = 2
}

func pointer() {
	x := 1
	p := &x
	go use(*p)
	*p = 2
}

func result2() {
	var b strings.Builder
	b.WriteString("a")
	go use(b.String())
	b.WriteString("b")
}

func typeSwitch(v any) {
	switch v := v.(type) {
	case int:
		go use(v)
		v = 9
	case string:
		go use(v)
	}
}

func stringer() {
	var s fmt.Stringer = time.Second
	go use(s.String())
	s = time.Minute
}

func branch() {
	x := "a"
	if len(got) == 0 {
		x = "b"
	}
	go use(x)
}

func main() {
	runtime.GOMAXPROCS(1)
	for _, form := range []struct {
		name string
		f    func()
		n    int // how many goroutines it starts
	}{
		{"pointerMethod", pointerMethod, 1}, {"part", part, 1}, {"sliced", sliced, 1}, {"madeHere", madeHere, 1},
		{"madeHereInALoop", madeHereInALoop, 2}, {"jump", jump, 3}, {"closure", closure, 2}, {"result", func() { result() }, 1},
		{"hiddenName", hiddenName, 1}, {"counted", counted, 3}, {"countedOutside", countedOutside, 3},
		{"rangedOutside", rangedOutside, 2}, {"received", received, 2}, {"deferred", deferred, 1}, {"methodValue", methodValue, 1},
		{"valueReceiver", valueReceiver, 1}, {"valueOfPointer", valueOfPointer, 1}, {"valueOfEmbedded", valueOfEmbedded, 1},
		{"unnamedStruct", unnamedStruct, 1}, {"element", element, 1}, {"pointer", pointer, 1}, {"result2", result2, 1},
		{"typeSwitch", func() { typeSwitch(1); typeSwitch("s") }, 2}, {"stringer", stringer, 1}, {"branch", branch, 1},
	} {
		form.f()
		var all []string
		for range form.n {
			all = append(all, <-got)
		}
		slices.Sort(all)
		fmt.Println(form.name, all)
	}
}
