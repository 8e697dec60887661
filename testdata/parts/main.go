// Command parts starts the library with the options of its build tags: TestParts looks
// what the linker puts into it.
package main

import "github.com/panicreport/sentry"

var options = []sentry.Option{sentry.WithDSN("http://key@127.0.0.1:1/1")}

func main() {
	defer sentry.Recover()
	_ = sentry.Init(options...)
	_ = sentry.Close()
}
