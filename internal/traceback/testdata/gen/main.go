// Gen dies in the way that its argument names. The runtime writes the crash
// output to a file. The tests of package traceback make their fixtures with it:
//
//	gen -o FILE KIND
//	gen -list
//
// The tests build it outside the module, with a go.mod of its own. In the
// fixtures, its folder is /src/gen, so that they have no path of the machine
// that made them; see capture_test.go.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"sort"
	"syscall"
)

// kinds has the ways to die. The other files of this package fill it.
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
	// GOTRACEBACK=crash is wanted here for its text, not for a core dump.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	die()
	os.Exit(4) // die has returned
}
