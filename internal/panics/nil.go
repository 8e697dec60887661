package panics

import (
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// NilAllowed tells whether recover returns nil for panic(nil), and not a
// [runtime.PanicNilError]: with the setting panicnil=1, in GODEBUG or in a
// //go:debug line of package main. A setting that is changed at run time is not
// seen.
func NilAllowed(build *debug.BuildInfo) bool {
	for _, setting := range build.Settings {
		if setting.Key == "DefaultGODEBUG" && hasNilPanics(setting.Value) {
			return true
		}
	}
	return hasNilPanics(os.Getenv("GODEBUG"))
}

func hasNilPanics(godebug string) bool {
	return strings.Contains(","+godebug+",", ",panicnil=1,")
}

// Runs tells whether a panic runs the deferred function that many frames above
// the caller of Runs, and not the return of the function that deferred it: 0 is
// the caller itself.
func Runs(above int) bool {
	var pcs [1]uintptr
	const skip = 3 // Callers, Runs, the deferred function
	runtime.Callers(skip+above, pcs[:])
	f := runtime.FuncForPC(pcs[0] - 1)
	return f != nil && f.Name() == gopanic
}
