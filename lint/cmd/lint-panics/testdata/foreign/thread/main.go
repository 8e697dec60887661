// The thread command has a thread of C call a function of Go.
//
//	run bad: missing
//	run good:
//	run inner: missing
package main

/*
#include <pthread.h>

extern void onThread(int);
extern void onGuarded(int);
extern void onInner(int);

static void *bad(void *p)   { onThread(1); return p; }
static void *good(void *p)  { onGuarded(1); return p; }
static void *inner(void *p) { onInner(1); return p; }

static void start(int which) {
	void *(*of[])(void *) = {bad, good, inner};
	pthread_t t;
	pthread_create(&t, 0, of[which], 0);
	pthread_join(t, 0);
}
*/
import "C"

import (
	"os"

	"github.com/panicreport/sentry"
)

func boom() { println("PANIC"); panic("boom") }

//export onThread
func onThread(C.int) { boom() } // want "missing"

//export onGuarded
func onGuarded(C.int) {
	defer sentry.Recover()
	boom()
}

//export onInner
func onInner(C.int) {
	defer sentry.Recover()
	done := make(chan int)
	go func() { // want "missing"
		defer close(done)
		boom()
	}()
	<-done
	select {}
}

func main() {
	C.start(map[string]C.int{"bad": 0, "good": 1, "inner": 2}[os.Args[1]])
}
