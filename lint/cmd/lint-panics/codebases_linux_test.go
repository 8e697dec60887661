package main

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
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
	"go-ethereum": {"github.com/ethereum/go-ethereum@v1.16.9", []string{"."},
		[]string{"./rpc", "./event"}},
}

// A measure is a row of testdata/codebases.tsv.
type measure struct {
	CodeBase string
	counts
	First   string // wall and processor time without facts
	Again   string // the same when nothing has changed
	Largest int    // MB, of the largest process of the first run
	Vet     int    // MB, of the largest process of go vet
	Fixed   int
	Left    int // after -fix
	Tests   string
}

// counts are the sums of a table in testdata/codebases.
type counts struct {
	Starts   int // places that start a goroutine, outside of tests
	Reported int
	Judged   int // of those reported
	Wrong    int // of those judged
	Missed   int // places that are not reported and should be
}

const measureHead = "code base\tstarts\treported\tjudged\twrong\tmissed\tfirst run\tagain\tlargest process\tthat of go vet\tfixed\tleft\ttests after -fix"

func (m measure) String() string {
	return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%d MB\t%d MB\t%d\t%d\t%s",
		m.CodeBase, m.Starts, m.Reported, m.Judged, m.Wrong, m.Missed, m.First, m.Again, m.Largest, m.Vet, m.Fixed, m.Left, m.Tests)
}

// parseMeasure parses what String returns.
func parseMeasure(t *testing.T, row string) measure {
	t.Helper()
	cells := strings.Split(row, "\t")
	if len(cells) != strings.Count(measureHead, "\t")+1 {
		t.Fatalf("%d cells in %q", len(cells), row)
	}
	number := func(i int) int {
		n, err := strconv.Atoi(strings.TrimSuffix(cells[i], " MB"))
		if err != nil {
			t.Fatalf("%q: %v", row, err)
		}
		return n
	}
	return measure{
		CodeBase: cells[0], counts: counts{number(1), number(2), number(3), number(4), number(5)},
		First: cells[6], Again: cells[7], Largest: number(8), Vet: number(9), Fixed: number(10), Left: number(11), Tests: cells[12],
	}
}

// TestCodeBases runs the linter on projects of others. For each, a table has every
// place that starts a goroutine, with what the linter says, and a judgement of that.
// After -fix, the project must build and pass some tests, and a second -fix must change
// nothing. With -update, the tables and the row of testdata/codebases.tsv are written.
// The part lint takes minutes, and the part fix takes most of an hour where much is
// compiled again:
//
//	go test ./cmd/lint-panics -run TestCodeBases -codebases=all -update -timeout=3h
//	go test ./cmd/lint-panics -run TestCodeBases/raft/lint -codebases=raft -update
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
			rows := readMeasures(t)
			m := rows[name]
			m.CodeBase = name + " " + base.module[strings.LastIndex(base.module, "@")+1:]
			m.Tests = cmp.Or(m.Tests, "not run")
			dir, tool := base.copy(t), newTool(t)
			t.Run("lint", func(t *testing.T) { base.lint(t, name, &m, tool, dir) })
			t.Run("fix", func(t *testing.T) { base.fix(t, &m, tool, dir) })
			t.Log("\n" + measureHead + "\n" + m.String())
			if *update && !t.Failed() {
				rows[name] = m
				writeMeasures(t, rows)
			}
		})
	}
}

// TestJudgements holds the sums of testdata/codebases.tsv to the tables, in which
// somebody writes the judgements after a run. With -update, it writes the sums.
func TestJudgements(t *testing.T) {
	rows := readMeasures(t)
	var all counts
	for name, m := range rows {
		var places []place
		for _, p := range readTable(t, tableOf(name)) {
			places = append(places, p)
		}
		sum := count(places)
		if m.counts != sum && !*update {
			t.Errorf("%s: %+v, but the table has %+v", name, m.counts, sum)
		}
		m.counts = sum
		rows[name] = m
		all.Judged, all.Wrong, all.Missed = all.Judged+sum.Judged, all.Wrong+sum.Wrong, all.Missed+sum.Missed
	}
	if all.Missed > 0 || all.Wrong*50 > all.Judged {
		t.Errorf("of %d judged reports, %d are wrong; %d places are missed", all.Judged, all.Wrong, all.Missed)
	}
	if *update {
		writeMeasures(t, rows)
	}
}

func tableOf(name string) string { return filepath.Join("testdata", "codebases", name+".tsv") }

// count sums a table up.
func count(places []place) counts {
	var sum counts
	for _, p := range places {
		switch {
		case strings.HasPrefix(p.why, "not built on"):
			continue
		case p.reported == "yes":
			sum.Reported++
			if p.judged != "" {
				sum.Judged++
			}
			if p.judged != "" && p.judged != "true" {
				sum.Wrong++
			}
		case p.judged == "missed":
			sum.Missed++
		}
		sum.Starts++
	}
	return sum
}

func (b codeBase) patterns() []string {
	patterns := make([]string, len(b.packages))
	for i, folder := range b.packages {
		patterns[i] = "./" + filepath.ToSlash(filepath.Join(folder, "..."))
	}
	return patterns
}

func (b codeBase) lint(t *testing.T, name string, m *measure, tool, dir string) {
	// go vet compiles everything, so that the first run only has to find the facts.
	m.Vet = largest(timed(t, dir, "go", append([]string{"vet", "-printf"}, b.patterns()...)...))
	args := append([]string{"-json"}, b.patterns()...)
	start := time.Now()
	first := timed(t, dir, tool, args...)
	m.First, m.Largest = times(start, first), largest(first)
	start = time.Now()
	m.Again = times(start, timed(t, dir, tool, args...))
	found := reportWith(t, tool, dir, b.packages)
	places := tabulate(t, tableOf(name), found, candidates(t, dir, b.packages, false))
	m.counts = count(places)
}

// timed runs a command that must succeed.
func timed(t *testing.T, dir, name string, args ...string) *os.ProcessState {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, codeBaseEnv()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return cmd.ProcessState
}

// times returns the time since start, and the processor time of a process and of those
// that it has waited for.
func times(start time.Time, p *os.ProcessState) string {
	processor := p.UserTime() + p.SystemTime()
	return fmt.Sprintf("%s, processor %s", time.Since(start).Round(100*time.Millisecond), processor.Round(100*time.Millisecond))
}

// largest returns the memory of the largest process, in MB.
func largest(p *os.ProcessState) int {
	if usage, ok := p.SysUsage().(*syscall.Rusage); ok {
		return int(usage.Maxrss >> 10)
	}
	return 0
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
func (b codeBase) fix(t *testing.T, m *measure, tool, dir string) {
	patterns := b.patterns()
	args := append([]string{"-fix"}, patterns...)
	found := len(reportWith(t, tool, dir, b.packages))
	left := strings.Count(output(t, dir, tool, args...), "no fix: ")
	m.Left, m.Fixed = left, found-left
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

// readMeasures reads testdata/codebases.tsv, by the names of the code bases.
func readMeasures(t *testing.T) map[string]measure {
	t.Helper()
	text, err := os.ReadFile(measuresFile)
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]measure)
	for row := range strings.Lines(string(text)) {
		if row = strings.TrimSuffix(row, "\n"); row != measureHead {
			m := parseMeasure(t, row)
			name, _, _ := strings.Cut(m.CodeBase, " ")
			rows[name] = m
		}
	}
	return rows
}

const measuresFile = "testdata/codebases.tsv"

func writeMeasures(t *testing.T, rows map[string]measure) {
	t.Helper()
	lines := []string{measureHead}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		lines = append(lines, rows[name].String())
	}
	if err := os.WriteFile(measuresFile, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}
