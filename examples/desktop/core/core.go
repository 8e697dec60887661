// Command core is the Go part of a desktop application. It is a library for main.c,
// built with -buildmode=c-shared. A crash of the library ends the whole program.
// WithSpool writes the crash to a file, and the next start reports it.
package main

/*
// The functions return one of these values, or a result that is not negative.
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

// CoreStart starts the library. The host calls it first, with its folder for state
// and its version, which the library cannot know. It returns CORE_OK, or
// CORE_CRASHED if the last run crashed.
//
//export CoreStart
func CoreStart(dir, version *C.char) C.int {
	// Every exported function needs a guard, because the host calls it on a
	// thread of its own.
	defer sentry.Recover()
	if err := sentry.Init(
		sentry.WithDefaultEnvironmentDSN(), // on a phone, use WithDSN, because there are no variables
		// C.GoString copies the text: the host may free its own when this returns.
		sentry.WithContext("example-desktop", C.GoString(version)),
		// WithCrashMonitor cannot work here, because it starts the executable
		// again, which is the host. Without a spool, Init would return an error.
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

// CoreStop stops the library. The host calls it last. If it returns CORE_ERROR, the
// next start sends the reports that are left.
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

// CoreRun runs a command on a text and returns the result. It returns CORE_ERROR if
// there is no such command.
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

// commands are the commands of CoreRun. Each of them crashes in another way if the
// text has no words.
var commands = map[string]func(words []string) int{
	"first":   first,
	"average": average,
	"longest": longest,
	"count":   count,
}

// first panics on the thread of the host, under the guard of CoreRun.
func first(words []string) int { return len(words[0]) }

// average panics in a goroutine with a guard.
func average(words []string) int {
	result := make(chan int)
	sentry.Go(func() { result <- len(strings.Join(words, "")) / len(words) })
	return <-result
}

// longest panics in a goroutine without a guard, which lint-panics would report.
// The panic is in the crash file.
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

// count unlocks twice. That is a fatal error, which the guard cannot recover. It is
// in the crash file.
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

func main() {} // -buildmode=c-shared requires it, but nothing calls it
