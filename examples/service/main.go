// Command service is a server that reports all of its crashes. Its monitor reports
// a crash at once. If the monitor cannot, the next start does, from the spool.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"

	"github.com/panicreport/sentry"
)

func main() {
	// Call Init first. The monitor is a second process of this program, in which
	// Init does not return.
	state, err := os.UserConfigDir() // or another folder where the service keeps its state
	if err != nil {
		log.Fatal(err)
	}
	if err := sentry.Init(
		sentry.WithDefaultEnvironmentDSN(),
		sentry.WithSpool(filepath.Join(state, "example-service", "reports")),
		sentry.WithCrashMonitor(), // as PID 1 of a container, this is WithSupervisor
	); err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	defer sentry.Recover()

	visits := map[string]int{} // without a lock, so that two visits at a time end the process
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		go count(visits, r.URL.Path) // this goroutine has no guard
		fmt.Fprintln(w, "hello")
	})
	if len(os.Args) > 1 && os.Args[1] == "die" {
		for {
			go count(visits, "/")
		}
	}
	err = http.ListenAndServe("localhost:8080", nil)
	sentry.Close() // log.Fatal does not run what is deferred
	log.Fatal(err)
}

func count(visits map[string]int, path string) { visits[path]++ }
