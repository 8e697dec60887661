// Command basic is the smallest program that reports its panics. Without an
// argument it has one: greet takes for granted that there is a name.
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
		log.Print(err) // and go on: the program works without its reports
	}
	defer sentry.Close()
	defer sentry.Recover()

	done := make(chan struct{})
	go func() {
		defer sentry.Recover() // every goroutine needs its own
		greet(os.Args[1:])
		close(done) // not deferred: main would return, with status 0, in the middle of a panic
	}()
	<-done
}

func greet(names []string) {
	fmt.Println("hello,", names[0])
}
