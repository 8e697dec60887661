// Cgo is the part of gen that needs a C compiler. It dies in a C function, in a C
// function that was called from a callback, and in Go code that C code called.
package main

/*
#include <stdlib.h>
#include <signal.h>

static void crash(void) { *(volatile int *)0 = 1; }
static void leave(void) { abort(); }

extern void goCallback(int);
static void callBack(int n) { goCallback(n); }
*/
import "C"

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"sort"
	"syscall"
)

var kinds = map[string]func(){
	"cgo-fault":          func() { fault() },
	"cgo-fault-callback": func() { callback(1) },
	"cgo-abort":          func() { abort() },
	"cgo-panic":          func() { callback(2) },
	"cgo-plain":          func() { panicString() },
}

func main() {
	out := flag.String("o", "", "the `file` that receives the crash output")
	list := flag.Bool("list", false, "print the kinds")
	flag.Parse()
	if *list {
		names := make([]string, 0, len(kinds))
		for name := range kinds {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Println(name)
		}
		return
	}
	f, err := os.Create(*out)
	if err == nil {
		err = debug.SetCrashOutput(f, debug.CrashOptions{})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(3)
	}
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	kinds[flag.Arg(0)]()
	os.Exit(4)
}

//go:noinline
func fault() { C.crash() }

//go:noinline
func abort() { C.leave() }

//go:noinline
func callback(n int) { C.callBack(C.int(n)) }

//go:noinline
func panicString() { panic("plain words") }

//export goCallback
func goCallback(n C.int) {
	if n == 1 {
		fault()
	}
	panicString()
}
