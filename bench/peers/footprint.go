package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
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
	{protocol.Ours + ", own words", `import "github.com/panicreport/sentry"`, `_ = sentry.Init(sentry.WithOwnWords()); defer sentry.Recover()`},
	{protocol.Ours + ", spool", `import "github.com/panicreport/sentry"`, `_ = sentry.Init(sentry.WithSpool(".")); defer sentry.Recover()`},
	{protocol.Ours + ", all of it", `import "github.com/panicreport/sentry"`,
		`_ = sentry.Init(sentry.WithSpool("."), sentry.WithCrashMonitor(), sentry.WithOwnWords(), sentry.WithReleaseHealth()); defer sentry.Recover()`},
}

// footprint builds programs and compares their size.
func footprint(d *document) error {
	const withSentryGo, plain = 2, 5
	sizes := make([]size, len(programs))
	for i, p := range programs {
		var err error
		if sizes[i], err = build(p.imports, p.code); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	table := [][]string{{"reporter", "executable (-ldflags=-s -w)", "of sentry-go's", "not stripped", "of sentry-go's", "packages"}}
	var pictured []bar
	for i, p := range programs {
		mb, whole, peer := float64(sizes[i].stripped)/1e6, float64(sizes[i].whole)/1e6, sizes[withSentryGo]
		table = append(table, []string{
			p.name, fmt.Sprintf("%.2f MB", mb), ratio(mb, float64(peer.stripped)/1e6),
			fmt.Sprintf("%.2f MB", whole), ratio(whole, float64(peer.whole)/1e6), fmt.Sprint(sizes[i].packages),
		})
		pictured = append(pictured, bar{p.name, mb, fmt.Sprintf("%.1f MB", mb)})
	}
	d.table(table)
	d.bars("size.svg", "An executable that does nothing but start its reporter", pictured)
	d.paragraph("An option brings its part along: the linker leaves out the others. What is in every program is, in kB of machine code, " +
		sizes[plain].own() + "; tables and debug information that the linker adds are as much again.")
	return nil
}

// A size is that of a program.
type size struct {
	stripped, whole int64 // bytes
	packages        int
	code            map[string]int // bytes of machine code, by the package below ours
}

// own says how large the largest packages of this library are.
func (s size) own() string {
	sum := map[string]int{}
	total := 0
	for name, n := range s.code {
		group, _, _ := strings.Cut(name, "/")
		sum[group] += n
		total += n
	}
	names := slices.SortedFunc(maps.Keys(sum), func(a, b string) int { return sum[b] - sum[a] })
	var parts []string
	for _, name := range names[:min(5, len(names))] {
		parts = append(parts, fmt.Sprintf("%s %d", name, sum[name]/1000))
		total -= sum[name]
	}
	return strings.Join(parts, ", ") + fmt.Sprintf(", all others together %d", total/1000)
}

// build makes a program in a folder of this module, for its go.mod.
func build(imports, code string) (s size, err error) {
	dir, err := os.MkdirTemp(".", "program-")
	if err != nil {
		return s, err
	}
	defer os.RemoveAll(dir)
	main := "package main\n\n" + imports + "\n\nfunc main() {\n" + strings.ReplaceAll(code, "; ", "\n") + "\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(main), 0o600); err != nil {
		return s, err
	}
	exe := filepath.Join(dir, "program")
	for flags, size := range map[string]*int64{"-s -w": &s.stripped, "": &s.whole} {
		if out, err := exec.Command("go", "build", "-ldflags="+flags, "-o", exe, "./"+dir).CombinedOutput(); err != nil {
			return s, fmt.Errorf("%w: %s", err, out)
		}
		info, err := os.Stat(exe)
		if err != nil {
			return s, err
		}
		*size = info.Size()
		if flags == "" {
			if s.code, err = codeOf(exe); err != nil {
				return s, err
			}
		}
	}
	list, err := exec.Command("go", "list", "-deps", "./"+dir).Output()
	s.packages = strings.Count(string(list), "\n")
	return s, err
}

// codeOf counts the machine code of this library's packages in a program.
//
//	730380       2172 T github.com/panicreport/sentry/internal/scrub.(*pass).images
func codeOf(exe string) (bytes map[string]int, err error) {
	out, err := exec.Command("go", "tool", "nm", "-size", exe).Output()
	bytes = map[string]int{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.EqualFold(fields[2], "t") {
			continue
		}
		if name, ok := strings.CutPrefix(fields[3], "github.com/panicreport/sentry/internal/"); ok {
			name, _, _ = strings.Cut(name, ".")
			n, _ := strconv.Atoi(fields[1])
			bytes[name] += n
		}
	}
	return bytes, err
}
