package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// programs do nothing but start a library, each as its documentation says.
var programs = []struct{ name, imports, code string }{
	{"none", ``, ``},
	{"none, with net/http's client", `import "net/http"`, `_, _ = http.Get("http://127.0.0.1:1")`},
	{"sentry-go", `import "github.com/getsentry/sentry-go"`, `_ = sentry.Init(sentry.ClientOptions{}); defer sentry.Recover()`},
	{"bugsnag-go", `import "github.com/bugsnag/bugsnag-go/v2"`, `bugsnag.Configure(bugsnag.Configuration{}); defer bugsnag.AutoNotify()`},
	{"rollbar-go", `import "github.com/rollbar/rollbar-go"`, `rollbar.SetToken(""); defer rollbar.LogPanic(recover(), true)`},
	{protocol.Ours, `import "github.com/panicreport/sentry"`, `_ = sentry.Init(); defer sentry.Recover()`},
	{protocol.Ours + ", all of it", `import "github.com/panicreport/sentry"`,
		`_ = sentry.Init(sentry.WithSpool("."), sentry.WithCrashMonitor(), sentry.WithSupervisor()); defer sentry.Recover()`},
}

// footprint builds programs and compares their size.
func footprint(d *document) error {
	const withSentryGo = 2
	type size struct {
		bytes    int64
		packages int
	}
	sizes := make([]size, len(programs))
	for i, p := range programs {
		bytes, packages, err := build(p.imports, p.code)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		sizes[i] = size{bytes, packages}
	}
	table := [][]string{{"reporter", "executable (-ldflags=-s -w)", "of sentry-go's", "packages"}}
	var pictured []bar
	for i, p := range programs {
		mb := float64(sizes[i].bytes) / 1e6
		table = append(table, []string{p.name, fmt.Sprintf("%.2f MB", mb), ratio(mb, float64(sizes[withSentryGo].bytes)/1e6), fmt.Sprint(sizes[i].packages)})
		pictured = append(pictured, bar{p.name, mb, fmt.Sprintf("%.1f MB", mb)})
	}
	d.table(table)
	d.bars("size.svg", "An executable that does nothing but start its reporter", pictured)
	d.paragraph("What this library has more than sentry-go is its own code: spool, monitor, parser, scrubber, sessions. The linker " +
		"can not leave it out, because Init reaches it.")
	d.paragraph("What a second process costs at rest, and Init: `cd bench && go run ./idle`.")
	return nil
}

// build makes a program in a folder of this module, for its go.mod.
func build(imports, code string) (bytes int64, packages int, err error) {
	dir, err := os.MkdirTemp(".", "program-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	main := "package main\n\n" + imports + "\n\nfunc main() {\n" + strings.ReplaceAll(code, "; ", "\n") + "\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(main), 0o600); err != nil {
		return 0, 0, err
	}
	exe := filepath.Join(dir, "program")
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", exe, "./"+dir).CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("%w: %s", err, out)
	}
	info, err := os.Stat(exe)
	if err != nil {
		return 0, 0, err
	}
	list, err := exec.Command("go", "list", "-deps", "./"+dir).Output()
	return info.Size(), strings.Count(string(list), "\n"), err
}
