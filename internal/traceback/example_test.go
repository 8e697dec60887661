package traceback_test

import (
	"fmt"
	"strings"

	"github.com/panicreport/sentry/internal/traceback"
)

func ExampleParse() {
	// The copy of debug.SetCrashOutput has no line "fatal error: …".
	const crash = `
goroutine 7 [running]:
internal/sync.fatal({0x50a93a?, 0x4f0ba0?})
	/usr/local/go/src/runtime/panic.go:1191 +0x18
internal/sync.(*Mutex).unlockSlow(0x1a8858586020, 0xffffffff)
	/usr/local/go/src/internal/sync/mutex.go:204 +0x35
main.release(...)
	/src/app/main.go:54
created by main.main in goroutine 1
	/src/app/main.go:12 +0x1d
`
	d, err := traceback.Parse(strings.NewReader(crash))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s: %s (inferred: %t)\n", d.Title(), d.Reason, d.Inferred)
	for _, f := range d.Origin() {
		fmt.Println(f.Function, f.Line)
	}
	// Output:
	// fatal error: sync: unlock of unlocked mutex (inferred: true)
	// internal/sync.(*Mutex).unlockSlow 204
	// main.release 54
}

func ExampleDump_Origin() {
	// A deferred function recovered the panic, and panicked again with the same
	// value.
	const crash = `panic: x [recovered, repanicked]

goroutine 1 [running]:
main.guard()
	/src/app/guard.go:9 +0x25
panic({0x4e0f00?, 0x5111d0?})
	/usr/local/go/src/runtime/panic.go:860 +0x13a
main.f()
	/src/app/main.go:54 +0x25
main.main()
	/src/app/main.go:12 +0x1d
`
	d, _ := traceback.Parse(strings.NewReader(crash))
	fmt.Println(d.Origin()[0].Function)
	// Output: main.f
}
