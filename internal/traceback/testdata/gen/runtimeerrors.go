package main

import (
	"fmt"
	"io"
	"os"
	"unsafe"
)

type point struct{ X, Y int }

func (p point) Sum() int { return p.X + p.Y }

type summer interface{ Sum() int }

var (
	zero      int
	three     = []int{1, 2, 3}
	nilMap    map[string]int
	nilPoint  *point
	nilFunc   func()
	nilSummer summer
	anything  any = "text"
	sink      any
)

func init() {
	kinds["runtime-index"] = func() { indexOut() }
	kinds["runtime-slice"] = func() { fmt.Println(three[zero+2 : zero+1]) }
	kinds["runtime-slice-array"] = func() { fmt.Println([4]int(three)) }
	kinds["runtime-nil-map"] = func() { nilMap["a"] = 1 }
	kinds["runtime-nil-deref"] = func() { nilDeref() }
	kinds["runtime-nil-func"] = func() { nilFunc() }
	kinds["runtime-nil-interface"] = func() { nilSummer.Sum() }
	kinds["runtime-nil-value-method"] = func() { sink = summer(nilPoint); sink.(summer).Sum() }
	kinds["runtime-divide"] = func() { divide() }
	kinds["runtime-shift"] = func() { zero--; fmt.Println(1 << zero) }
	kinds["runtime-close-closed"] = func() { closeClosed() }
	kinds["runtime-close-nil"] = func() { var c chan int; close(c) }
	kinds["runtime-send-closed"] = func() { sendClosed() }
	kinds["runtime-conversion"] = func() { fmt.Println(anything.(int)) }
	kinds["runtime-conversion-method"] = func() { fmt.Println(anything.(io.Reader)) }
	kinds["runtime-conversion-nil"] = func() { var r io.Reader; fmt.Println(r.(*os.File)) }
	kinds["runtime-unhashable"] = func() { m := map[any]int{}; m[[]int{1}] = 1 }
	kinds["runtime-uncomparable"] = func() { var a, b any = []int{1}, []int{1}; fmt.Println(a == b) }
	kinds["runtime-makeslice"] = func() { sink = make([]int, zero-1) }
	kinds["runtime-makechan"] = func() { sink = make(chan int, zero-1) }
	kinds["runtime-unsafe-slice"] = func() { sink = unsafe.Slice(&three[0], zero-1) }
	kinds["runtime-range-func"] = func() { rangeOverFunc() }
}

//go:noinline
func indexOut() { fmt.Println(three[zero+5]) }

//go:noinline
func nilDeref() { nilPoint.X = 1 }

//go:noinline
func divide() { fmt.Println(1 / zero) }

//go:noinline
func closeClosed() {
	c := make(chan int)
	close(c)
	close(c)
}

//go:noinline
func sendClosed() {
	c := make(chan int)
	close(c)
	c <- 1
}

// rangeOverFunc breaks out of a loop, and the iterator calls the body once more.
//
//go:noinline
func rangeOverFunc() {
	for range func(yield func() bool) { yield(); yield() } {
		break
	}
}
