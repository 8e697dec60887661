// Command core is the half in Go of a desktop application: a c-shared library
// for main.c. What ends the core ends the whole program, so the crash file of
// WithSpool has it, and the next start reports it.
package main

/*
// What the functions return, besides results, which are not negative.
enum { CORE_OK = 0, CORE_CRASHED = 1, CORE_ERROR = -1 };
*/
import "C"

import (
	"log"
	"path/filepath"
	"strings"
	"sync"

	"github.com/panicreport/sentry"
)

// CoreStart comes first; CORE_CRASHED is CORE_OK after a run that crashed. The
// host hands over its folder for state, and its version, which the core can not
// know.
//
//export CoreStart
func CoreStart(dir, version *C.char) C.int {
	// A thread of the host's has no guard but that of the function it calls.
	defer sentry.Recover()
	if err := sentry.Init(
		sentry.WithDefaultEnvironmentDSN(), // or one of your own: a phone sets no variables
		// The host may free its strings as soon as this returns: C.GoString copies.
		sentry.WithContext("example-desktop", C.GoString(version)),
		// No WithCrashMonitor: that starts the executable again, which is the host
		// and not ours. Without a spool, Init would return an error for it.
		sentry.WithSpool(filepath.Join(C.GoString(dir), "reports")),
	); err != nil {
		log.Print(err)
		return C.CORE_ERROR
	}
	if sentry.CrashedLastRun() {
		return C.CORE_CRASHED
	}
	return C.CORE_OK
}

// CoreStop comes last. On CORE_ERROR, reports wait for the next start.
//
//export CoreStop
func CoreStop() C.int {
	defer sentry.Recover()
	if err := sentry.Close(); err != nil {
		log.Print(err)
		return C.CORE_ERROR
	}
	return C.CORE_OK
}

// CoreRun returns the result of a command for a text, or CORE_ERROR if there is
// no such command.
//
//export CoreRun
func CoreRun(command, text *C.char) C.int {
	defer sentry.Recover()
	run, ok := commands[C.GoString(command)]
	if !ok {
		return C.CORE_ERROR
	}
	return C.int(run(strings.Fields(C.GoString(text))))
}

// Without words in the text, each of them dies in its own way.
var commands = map[string]func(words []string) int{
	"first":   first,
	"average": average,
	"longest": longest,
	"count":   count,
}

// first is on the thread of the host, under the guard of CoreRun.
func first(words []string) int { return len(words[0]) }

// average is in a goroutine with a guard.
func average(words []string) int {
	result := make(chan int)
	sentry.Go(func() { result <- len(strings.Join(words, "")) / len(words) })
	return <-result
}

// longest is in a goroutine that nobody guards, as lint-panics would tell: the
// crash file has its panic.
func longest(words []string) int {
	result := make(chan int)
	go func() {
		most := len(words[0])
		for _, word := range words[1:] {
			most = max(most, len(word))
		}
		result <- most
	}()
	return <-result
}

var (
	mu   sync.Mutex
	seen = map[string]bool{}
)

// count is under a guard, but unlocks twice. That is no panic: the runtime ends
// the process at once, and the crash file has it.
func count(words []string) int {
	mu.Lock()
	defer mu.Unlock()
	if len(words) == 0 {
		mu.Unlock()
		return len(seen)
	}
	for _, word := range words {
		seen[word] = true
	}
	return len(seen)
}

func main() {} // c-shared wants one; the host has its own
