package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

type fault struct{ Code int }

func (e *fault) Error() string { return fmt.Sprintf("fault %d", e.Code) }

type secret struct{ User, Password string }

type word string

type spoken struct{ text string }

func (s spoken) String() string { return "spoken: " + s.text }

type explosive struct{}

func (explosive) Error() string { panic("the Error method itself") }

// decoy is the text of a panic. Its lines after the first look like a crash output.
var decoy = strings.Join([]string{
	"first line",
	"panic: decoy one",
	"\tpanic: decoy two [recovered, repanicked]",
	"[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]",
	"fatal error: concurrent map writes",
	"",
	"goroutine 999 [running]:",
	"main.decoy(...)",
	"\t/src/decoy.go:1 +0x1",
	"runtime stack:",
	"SIGABRT: abort",
	"created by main.decoy in goroutine 998",
	"exit status 2",
}, "\n")

func init() {
	kinds["panic-string"] = func() { panicString() }
	kinds["panic-error"] = func() { panicError() }
	kinds["panic-wrapped"] = func() { panicWrapped() }
	kinds["panic-struct"] = func() { panicStruct() }
	kinds["panic-word"] = func() { panic(word("spoken\nin two lines")) }
	kinds["panic-stringer"] = func() { panic(spoken{"aloud"}) }
	kinds["panic-float"] = func() { panic(1.5) }
	kinds["panic-nil"] = func() { panic(nil) }
	kinds["panic-multiline"] = func() { panicMultiline() }
	kinds["panic-huge"] = func() { panic(strings.Repeat("0123456789abcdef\n", 1_000)) }
	kinds["panic-empty"] = func() { panic("") }
	kinds["panic-fake"] = func() { panicFake() }
	kinds["panic-fake-error"] = func() { panic(errors.New("assignment to entry in nil map")) }
	kinds["panic-fake-recovered"] = func() { panic("x [recovered, repanicked]") }
	kinds["panic-goroutine"] = func() { go panicString(); select {} }
	kinds["panic-other-goroutines"] = func() { crowd(200); panicString() }
	kinds["panic-printing"] = func() { panicPrinting() }
	kinds["panic-init"] = func() { lazyInit() }

	kinds["repanic-same"] = func() { repanicSame() }
	kinds["repanic-twice"] = func() { repanicTwice() }
	kinds["repanic-new"] = func() { repanicNew() }
	kinds["repanic-runtime"] = func() { repanicRuntime() }
	kinds["repanic-decoy"] = func() { repanicDecoy() }
	kinds["panic-in-defer"] = func() { panicInDefer() }
	kinds["panic-in-defer-after-nil"] = func() { panicInDeferAfterNil() }
	kinds["repanic-then-new"] = func() { repanicThenNew() }
	kinds["new-then-repanic"] = func() { newThenRepanic() }
	kinds["repanic-both"] = func() { repanicBoth() }
	kinds["panic-after-goexit"] = func() { go panicAfterGoexit(); select {} }
	kinds["panic-goexit-panic"] = func() { go panicGoexitPanic(); select {} }
	kinds["panic-both"] = func() { panicBoth() }
}

//go:noinline
func panicString() { panic("plain words") }

//go:noinline
func panicError() { panic(&fault{7}) }

//go:noinline
func panicWrapped() { panic(fmt.Errorf("load config: %w", &fault{8})) }

//go:noinline
func panicStruct() { panic(secret{"ann", "hunter2"}) }

//go:noinline
func panicMultiline() { panic(decoy) }

//go:noinline
func panicFake() { panic("runtime error: index out of range [5] with length 3") }

//go:noinline
func panicPrinting() { panic(explosive{}) }

//go:noinline
func lazyInit() { panicString() }

// guard recovers and panics again with the same value.
//
//go:noinline
func guard() {
	if v := recover(); v != nil {
		panic(v)
	}
}

// replace recovers and panics with another value.
//
//go:noinline
func replace() {
	if v := recover(); v != nil {
		panic(fmt.Sprintf("replaced: %v", v))
	}
}

// again panics and recovers nothing.
//
//go:noinline
func again() { panic("second") }

//go:noinline
func repanicSame() {
	defer guard()
	panicString()
}

//go:noinline
func repanicTwice() {
	defer guard()
	repanicSame()
}

//go:noinline
func repanicNew() {
	defer replace()
	panicString()
}

//go:noinline
func repanicRuntime() {
	defer guard()
	nilDeref()
}

//go:noinline
func repanicDecoy() {
	defer guard()
	panicMultiline()
}

//go:noinline
func panicInDefer() {
	defer again()
	panicString()
}

//go:noinline
func panicInDeferAfterNil() {
	defer again()
	nilDeref()
}

//go:noinline
func repanicThenNew() {
	defer again()
	repanicSame()
}

//go:noinline
func newThenRepanic() {
	defer guard()
	defer again()
	panicString()
}

// repanicBoth calls panic three times with one value, then twice with another.
//
//go:noinline
func repanicBoth() {
	defer guard()
	defer again()
	repanicTwice()
}

//go:noinline
func panicAfterGoexit() {
	defer again()
	runtime.Goexit()
}

//go:noinline
func panicGoexitPanic() {
	defer again()
	defer runtime.Goexit()
	panicString()
}

// panicBoth panics in two goroutines at a time. If the second panics while the
// runtime prints the first, the runtime prints one after the other.
//
//go:noinline
func panicBoth() {
	start := make(chan bool)
	for range 2 {
		go func() {
			<-start
			panicString()
		}()
	}
	close(start)
	select {}
}

// crowd starts n goroutines and returns when all of them wait.
//
//go:noinline
func crowd(n int) {
	ready := make(chan bool)
	for range n {
		go bystander(ready)
	}
	for range n {
		<-ready
	}
}

//go:noinline
func bystander(ready chan<- bool) {
	ready <- true
	select {}
}
