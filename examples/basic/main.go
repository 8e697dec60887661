// Command basic is the smallest program that reports its panics. It panics if it
// has no argument, because greet expects a name:
//
//	SENTRY_DSN=https://key@o1.ingest.sentry.io/2 go run ./basic
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/panicreport/sentry"
)

func main() {
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN()); err != nil {
		log.Print(err) // the program can run without reports
	}
	defer sentry.Close()
	defer sentry.Recover()

	done := make(chan struct{})
	go func() {
		defer sentry.Recover() // every goroutine needs its own guard
		greet(os.Args[1:])
		close(done) // not deferred: main could return with status 0 during a panic
	}()
	<-done
}

func greet(names []string) {
	fmt.Println("hello,", names[0])
}
