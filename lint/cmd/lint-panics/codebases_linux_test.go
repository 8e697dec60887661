package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var codebasesFlag = flag.String("codebases", "", "code bases of TestCodeBases, as raft,nats-server; all: all of them")

// A codeBase is a project of others, at a pinned version.
type codeBase struct {
	module   string
	packages []string // what the linter looks at
	tests    []string // arguments of go test: some tests that must pass after -fix
}

var codeBases = map[string]codeBase{
	"raft": {"github.com/hashicorp/raft@v1.8.0", []string{"."},
		// Not those of elections, which need a fast machine, nor of permissions, which root has.
		[]string{"-run=TestRaft_SingleNode|TestNetworkTransport_|TestInmem", "."}},
	"nats-server": {"github.com/nats-io/nats-server/v2@v2.15.2", []string{"."},
		[]string{"-run=TestPubSub|TestRequestReply|TestQueueSub|TestDuplicateServerRoutes", "./test"}},
	"badger": {"github.com/dgraph-io/badger/v4@v4.9.6", []string{"."},
		[]string{"-run=TestWrite|TestConcurrentWrite|TestGet|TestTxn(Simple|Commit)", "."}},
	"caddy": {"github.com/caddyserver/caddy/v2@v2.11.9", []string{"."},
		[]string{".", "./modules/caddyhttp/reverseproxy"}},
	"client-go": {"k8s.io/client-go@v0.37.2", []string{"tools", "util", "rest", "transport"},
		[]string{"./tools/cache", "./util/workqueue"}},
	"go-libp2p": {"github.com/libp2p/go-libp2p@v0.51.0", []string{"p2p/host", "p2p/net", "p2p/protocol"},
		[]string{"./p2p/host/eventbus", "./p2p/net/connmgr"}},
	"go-ethereum": {"github.com/ethereum/go-ethereum@v1.17.10", []string{"."},
		[]string{"./rpc", "./event"}},
}

// A measure is a row of testdata/codebases.tsv.
type measure struct {
	CodeBase string
	Starts   int // places that start a goroutine, outside of tests
	Reported int
	Judged   int // of those reported
	Wrong    int // of those judged
	Missed   int // places that are not reported and should be
	First    string
	Again    string
	Largest  int // MB, of the largest process of the first run
	Vet      int // MB, of the largest process of go vet
	Fixed    int
	Left     int // after -fix
	Tests    string
}

const measureHead = "code base\tstarts\treported\tjudged\twrong\tmissed\tfirst run\tagain\tlargest process\tthat of go vet\tfixed\tleft\ttests after -fix"

func (m measure) String() string {
	return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%d MB\t%d MB\t%d\t%d\t%s",
		m.CodeBase, m.Starts, m.Reported, m.Judged, m.Wrong, m.Missed, m.First, m.Again, m.Largest, m.Vet, m.Fixed, m.Left, m.Tests)
}

// TestCodeBases runs the linter on projects of others. For each, a table has every
// place that starts a goroutine, with what the linter says, and a judgement of that.
// After -fix, the project must build and pass some tests, and a second -fix must change
// nothing. With -update, the tables and the row of testdata/codebases.tsv are written:
//
//	go test ./cmd/lint-panics -run TestCodeBases -codebases=all -update -timeout=2h
func TestCodeBases(t *testing.T) {
	if *codebasesFlag == "" {
		t.Skip("-codebases names none")
	}
	names := strings.Split(*codebasesFlag, ",")
	if *codebasesFlag == "all" {
		names = slices.Sorted(maps.Keys(codeBases))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			base, ok := codeBases[name]
			if !ok {
				t.Fatal("there is no such code base")
			}
			m := base.measure(t, name)
			t.Log("\n" + measureHead + "\n" + m.String())
			if *update {
				writeMeasure(t, m)
			}
			if m.Missed > 0 || m.Wrong*50 > m.Judged {
				t.Errorf("%d of %d reports are wrong, %d places are missed", m.Wrong, m.Judged, m.Missed)
			}
		})
	}
}

func (b codeBase) measure(t *testing.T, name string) measure {
	m := measure{CodeBase: name + " " + b.module[strings.LastIndex(b.module, "@")+1:]}
	dir := b.copy(t)
	tool := newTool(t)
	patterns := make([]string, len(b.packages))
	for i, folder := range b.packages {
		patterns[i] = "./" + filepath.ToSlash(filepath.Join(folder, "..."))
	}

	// go vet compiles everything, so that the first run only has to find the facts.
	m.Vet = largest(t, dir, "go", append([]string{"vet", "-printf"}, patterns...)...)
	start := time.Now()
	found := reportWith(t, tool, dir, b.packages)
	m.First = time.Since(start).Round(100 * time.Millisecond).String()
	m.Largest = largest(t, dir, newTool(t), append([]string{"-json"}, patterns...)...)
	start = time.Now()
	reportWith(t, tool, dir, b.packages)
	m.Again = time.Since(start).Round(10 * time.Millisecond).String()

	places := tabulate(t, filepath.Join("testdata", "codebases", name+".tsv"), found, candidates(t, dir, b.packages, false))
	for _, p := range places {
		switch {
		case strings.HasPrefix(p.why, "not built on"):
			continue
		case p.reported == "yes":
			m.Reported++
			if p.judged != "" {
				m.Judged++
			}
			if p.judged != "" && p.judged != "true" {
				m.Wrong++
			}
		case p.judged == "missed":
			m.Missed++
		}
		m.Starts++
	}
	b.fix(t, &m, tool, dir, patterns)
	return m
}

// copy copies the module, with a requirement of package sentry, into a new folder.
func (b codeBase) copy(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "code")
	if err := os.CopyFS(dir, os.DirFS(download(t, b.module))); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("chmod", "-R", "u+w", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	standIn, err := filepath.Abs("testdata/libraries/panicreport")
	if err != nil {
		t.Fatal(err)
	}
	do(t, dir, "go", "mod", "edit", "-require=github.com/panicreport/sentry@v0.0.0", "-replace=github.com/panicreport/sentry="+standIn)
	return dir
}

// newTool builds the command with another build id, so that the go command has none of
// its facts yet.
func newTool(t *testing.T) string {
	t.Helper()
	tool := filepath.Join(t.TempDir(), "lint-panics")
	do(t, ".", "go", "build", fmt.Sprintf("-ldflags=-buildid=%d", time.Now().UnixNano()), "-o", tool, ".")
	return tool
}

// fix runs -fix twice, and some tests.
func (b codeBase) fix(t *testing.T, m *measure, tool, dir string, patterns []string) {
	t.Helper()
	args := append([]string{"-fix"}, patterns...)
	left := strings.Count(output(t, dir, tool, args...), "no fix: ")
	m.Left, m.Fixed = left, m.Reported-left
	after := contents(t, dir)
	do(t, dir, "go", append([]string{"vet", "-printf"}, patterns...)...)
	if again := strings.Count(output(t, dir, tool, args...), "no fix: "); again != left || !maps.Equal(contents(t, dir), after) {
		t.Errorf("a second -fix leaves %d instead of %d, or changes files", again, left)
	}
	m.Tests = "pass"
	cmd := exec.Command("go", append([]string{"test", "-short", "-timeout=10m"}, b.tests...)...)
	cmd.Dir, cmd.Env = dir, codeBaseEnv()
	if out, err := cmd.CombinedOutput(); err != nil {
		m.Tests = "fail"
		text := string(out)
		t.Errorf("tests after -fix: %v\n%s", err, text[max(0, len(text)-4000):])
	}
}

func codeBaseEnv() []string {
	return append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOOS=linux", "GOARCH=amd64")
}

// output runs a command that may have something to report.
func output(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, codeBaseEnv()
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState.ExitCode() != reported {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func do(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, codeBaseEnv()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// largest runs a command and returns the memory of its largest process, in MB.
func largest(t *testing.T, dir, name string, args ...string) int {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, codeBaseEnv()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Skip("this system does not tell the memory")
	}
	return int(usage.Maxrss >> 10)
}

func writeMeasure(t *testing.T, m measure) {
	t.Helper()
	const name = "testdata/codebases.tsv"
	text, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	base, _, _ := strings.Cut(m.CodeBase, " ")
	rows := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(text)), "\n"), func(row string) bool {
		return row == "" || row == measureHead || strings.HasPrefix(row, base+" ")
	})
	rows = append(rows, m.String())
	slices.Sort(rows)
	if err := os.WriteFile(name, []byte(measureHead+"\n"+strings.Join(rows, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
