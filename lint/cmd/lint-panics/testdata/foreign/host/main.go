// The host command opens a plugin and starts its functions.
//
//	run unseen: missing
//	run wrapped:
//	run inside: missing
//	run guarded:
package main

import (
	"os"
	"plugin"
	"time"

	"github.com/panicreport/sentry"
)

func function(name string) func() {
	p, err := plugin.Open(os.Args[2])
	if err != nil {
		panic(err)
	}
	f, err := p.Lookup(name)
	if err != nil {
		panic(err)
	}
	return f.(func())
}

func main() {
	switch os.Args[1] {
	case "unseen":
		go function("Work")() // want "unseen"
	case "wrapped":
		work := function("Work")
		go func() {
			defer sentry.Recover()
			work()
		}()
	case "inside": // reported in the plugin
		function("Start")()
	case "guarded":
		function("Guarded")()
	}
	time.Sleep(time.Second)
}
