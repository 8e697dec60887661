// Command service is a server whose deaths are all reported: with a monitor at
// once, and with a spool whatever happens to that.
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
	// Init comes first: the monitor is this program too, and stays in it.
	state, err := os.UserConfigDir() // or where the service keeps its state
	if err != nil {
		log.Fatal(err)
	}
	if err := sentry.Init(
		sentry.WithDefaultEnvironmentDSN(),
		sentry.WithSpool(filepath.Join(state, "example-service", "reports")),
		sentry.WithCrashMonitor(), // as PID 1 of a container, a supervisor
	); err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	defer sentry.Recover()

	visits := map[string]int{} // without a lock: two visits at a time are the end
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		go count(visits, r.URL.Path) // nobody guards this goroutine
		fmt.Fprintln(w, "hello")
	})
	if len(os.Args) > 1 && os.Args[1] == "die" {
		for {
			go count(visits, "/")
		}
	}
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}

func count(visits map[string]int, path string) { visits[path]++ }
