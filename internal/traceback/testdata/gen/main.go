// Gen dies in the way that its argument names, and leaves what the runtime
// writes through debug.SetCrashOutput in a file. It is the source of the
// fixtures beside it:
//
//	gen -o FILE KIND
//	gen -list
//
// It is built outside the module, with a go.mod of its own, so that a fixture
// has no path of the machine that made it; see capture_test.go.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"sort"
	"syscall"
)

// kinds is filled by the files beside this one, one per room of deaths.
var kinds = map[string]func(){}

func main() {
	out := flag.String("o", "", "the `file` that receives the crash output")
	list := flag.Bool("list", false, "print the kinds")
	flag.Parse()
	if *list {
		names := make([]string, 0, len(kinds))
		for name := range kinds {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Println(name)
		}
		return
	}
	die, ok := kinds[flag.Arg(0)]
	if !ok {
		fmt.Fprintf(os.Stderr, "gen: no kind %q\n", flag.Arg(0))
		os.Exit(3)
	}
	f, err := os.Create(*out)
	if err == nil {
		err = debug.SetCrashOutput(f, debug.CrashOptions{})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(3)
	}
	// GOTRACEBACK=crash is about the text here, not about a core.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	die()
	os.Exit(4) // it should not have lived
}
