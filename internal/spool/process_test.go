package spool_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/limit"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/testprogram"
)

const (
	// childRole and childDir tell a copy of this test binary that it is the
	// process which dies.
	childRole = "SPOOL_TEST_ROLE"
	childDir  = "SPOOL_TEST_DIR"
	// stress in the environment asks for the number of kills that issue 4
	// names.
	stress = "SPOOL_STRESS"

	kills       = 150
	stressKills = 2400
	// maxLife is how long a child lives after its first report: a few dozen
	// reports.
	maxLife = 30 * time.Millisecond
	// childReports is below what a directory is read to.
	childReports = 900
)

// TestStoreChild is no test: it is the process that dies in the other tests.
func TestStoreChild(t *testing.T) {
	role, dir := os.Getenv(childRole), os.Getenv(childDir)
	if role == "" {
		t.Skip("only for the other tests")
	}
	s := storeOf(t, dir, spool.Options{MaxReports: childReports})
	map[string]func(*testing.T, *spool.Store){"live": live, "share": share, "hold": hold, "run": runAndEnd}[role](t, s)
	os.Exit(0)
}

func say(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }

// live takes reports through all stages of their life, and tells of each what
// the parent may rely on.
func live(t *testing.T, s *spool.Store) {
	for n := 0; ; n++ {
		id := fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
		r, err := s.Put(id, contentOf(id))
		require.NoError(t, err)
		say("+%s", id)
		if n%5 != 0 {
			require.NoError(t, r.Release())
		}
		_, _, err = s.Allow(id, limit.Rate{N: 1, Per: time.Hour})
		require.NoError(t, err)
		r, err = s.Take()
		require.NoError(t, err)
		switch {
		case r == nil:
		case n%2 == 0:
			say("-%s", r.ID())
			require.NoError(t, r.Remove())
		default:
			require.NoError(t, r.Retry(time.Now()))
		}
	}
}

// share stores ten reports and takes whatever it gets until it is told to stop.
func share(t *testing.T, s *spool.Store) {
	for range 10 {
		id := fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
		put(t, s, id)
		say("+%s", id)
	}
	stopped := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(stopped)
	}()
	for {
		select {
		case <-stopped:
			return
		default:
		}
		r, err := s.Take()
		require.NoError(t, err)
		if r == nil {
			runtime.Gosched()
			continue
		}
		require.Equal(t, contentOf(r.ID()), r.Data())
		say("-%s", r.ID())
		require.NoError(t, r.Remove())
	}
}

func hold(t *testing.T, s *spool.Store) {
	r, err := s.Put(reportID(1), contentOf(reportID(1)))
	require.NoError(t, err)
	say("+%s", r.ID())
	_, _ = io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(r)
}

// runAndEnd ends as it is told on standard input.
func runAndEnd(t *testing.T, s *spool.Store) {
	run, err := s.Begin([]byte("release 1"))
	require.NoError(t, err)
	require.NoError(t, run.SetMeta([]byte("release 2")))
	output, err := run.CreateCrashFile()
	require.NoError(t, err)
	require.NoError(t, debug.SetCrashOutput(output, debug.CrashOptions{}))
	require.NoError(t, output.Close())
	say("+%s", run.ID())
	how, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	switch how {
	case "end\n":
		require.NoError(t, run.End())
	case "panic\n":
		panicked := make(chan struct{})
		go panic("of a run")
		<-panicked
	}
	runtime.KeepAlive(run)
}

// start starts a process of this test binary.
func start(t testing.TB, role, dir string) *testprogram.Process {
	t.Helper()
	return testprogram.Start(t, testprogram.Command(t, os.Args[0], "-test.run=^TestStoreChild$"), childRole+"="+role, childDir+"="+dir)
}

func killsWanted() int {
	if os.Getenv(stress) != "" {
		return stressKills
	}
	return kills
}

// Every report whose Put had returned is there after a kill at any moment,
// whole, and nothing else is.
func TestKill(t *testing.T) {
	t.Parallel()
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			t.Parallel()
			_, dir := newStore(t, spool.Options{})
			stored, torn := 0, 0
			for range killsWanted() / workers {
				killAndCollect(t, dir, &stored, &torn)
			}
			t.Logf("%d lives, %d reports, %d cut off while they were written", killsWanted()/workers, stored, torn)
		})
	}
}

func killAndCollect(t *testing.T, dir string, stored, torn *int) {
	t.Helper()
	c := start(t, "live", dir)
	held, leaving := map[string]bool{}, map[string]bool{}
	var once sync.Once
	for line := range c.Lines() {
		once.Do(func() { time.AfterFunc(rand.N(maxLife), func() { _ = c.Cmd.Process.Kill() }) })
		switch id := line[1:]; line[0] {
		case '+':
			held[id] = true
			*stored++
		case '-':
			leaving[id] = true
		default:
			t.Fatalf("child: %s", line)
		}
	}
	killed := "killed"
	if runtime.GOOS == "windows" {
		killed = "exit status 1" // as os.Process.Kill has it
	}
	require.Contains(t, c.End().State, killed)

	*torn += count(files(t, dir), ".tmp")
	s := storeOf(t, dir, spool.Options{MaxReports: childReports})
	require.NoError(t, s.Sweep())
	for _, suffix := range []string{".tmp", ".bad"} {
		require.Zero(t, count(files(t, dir), suffix), suffix)
	}
	for {
		r, err := s.Take()
		require.NoError(t, err)
		if r == nil {
			break
		}
		require.Equal(t, contentOf(r.ID()), r.Data())
		delete(held, r.ID())
		require.NoError(t, r.Remove())
	}
	for id := range held {
		require.True(t, leaving[id], "report %s was stored and is gone", id)
	}
	_, err := s.TakeLost()
	require.NoError(t, err)
}

func TestTenProcessesShareADirectory(t *testing.T) {
	t.Parallel()
	const processes, each = 10, 10
	s, dir := newStore(t, spool.Options{})
	lines := make(chan string)
	var children []*testprogram.Process
	var wg sync.WaitGroup
	for range processes {
		c := start(t, "share", dir)
		children = append(children, c)
		wg.Go(func() {
			for line := range c.Lines() {
				lines <- line
			}
		})
	}
	stored, taken := map[string]int{}, map[string]int{}
	for len(taken) < processes*each {
		line := <-lines
		require.Contains(t, "+-", line[:1], line)
		if line[0] == '+' {
			stored[line[1:]]++
		} else {
			taken[line[1:]]++
		}
	}
	for _, c := range children {
		c.CloseInput()
	}
	go func() {
		wg.Wait()
		close(lines)
	}()
	for line := range lines {
		// The line of a Put may come after that of the Take of another process.
		require.Equal(t, "+", line[:1], "taken twice: %s", line)
		stored[line[1:]]++
	}
	for _, c := range children {
		require.Zero(t, c.End().Status)
	}
	require.Equal(t, stored, taken)
	for id, n := range taken {
		require.Equal(t, 1, n, id)
	}
	require.Empty(t, ids(t, s))
	require.Empty(t, files(t, dir))
}

func TestDeadOwnersReportIsTakenByOne(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	c := start(t, "hold", dir)
	require.Equal(t, "+"+reportID(1), c.Line())
	takeNone(t, s)
	require.NoError(t, s.Sweep())

	c.Signal(os.Kill)
	c.End()
	const takers = 8
	got := make(chan *spool.Report, takers)
	var wg sync.WaitGroup
	for range takers {
		other := storeOf(t, dir, spool.Options{})
		wg.Go(func() {
			r, err := other.Take()
			if err != nil {
				t.Error(err)
			}
			if r != nil {
				got <- r
			}
		})
	}
	wg.Wait()
	close(got)
	require.Len(t, got, 1)
	r := <-got
	require.Equal(t, contentOf(reportID(1)), r.Data())
	require.NoError(t, r.Remove())
}

func TestRunsOfOtherProcesses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		how     string
		left    bool
		crashed bool
		output  string
	}{
		{"end", false, false, ""},
		{"exit", true, false, ""},
		{"kill", true, false, ""},
		{"panic", true, true, "panic: of a run"},
	} {
		t.Run(test.how, func(t *testing.T) {
			t.Parallel()
			s, dir := newStore(t, spool.Options{})
			c := start(t, "run", dir)
			line := c.Line()
			runs, err := s.DeadRuns()
			require.NoError(t, err)
			require.Empty(t, runs, "it lives")

			if test.how == "kill" {
				c.Signal(os.Kill)
			} else {
				c.Tell(test.how)
			}
			c.End()
			require.NoError(t, s.Sweep())
			runs, err = s.DeadRuns()
			require.NoError(t, err)
			if !test.left {
				require.Empty(t, runs)
				require.Empty(t, files(t, dir))
				return
			}
			require.Len(t, runs, 1)
			r := runs[0]
			require.Equal(t, line[1:], r.ID)
			require.Equal(t, []byte("release 2"), r.Meta)
			require.Equal(t, test.crashed, r.Crashed)
			require.Less(t, r.Ran, time.Minute)
			require.FileExists(t, filepath.Join(dir, r.ID+".crash"))
			output, err := r.OpenCrashFile()
			require.NoError(t, err)
			defer output.Close()
			text, err := io.ReadAll(output)
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(string(text), test.output), "%s", text)
			require.NoError(t, r.Remove())
			require.Empty(t, files(t, dir))
		})
	}
}

// crashAtOnce returns the ids of the runs of n processes that live together and
// have all crashed.
func crashAtOnce(t *testing.T, dir string, n int) []string {
	t.Helper()
	var children []*testprogram.Process
	var ids []string
	for range n {
		c := start(t, "run", dir)
		children, ids = append(children, c), append(ids, c.Line()[1:])
	}
	for _, c := range children {
		c.Tell("panic")
	}
	for _, c := range children {
		c.End()
	}
	return ids
}

// Of processes that crash at once, each has a monitor that opens the store, and
// so sweeps it, before it claims the run that it watched.
func TestManyCrashAtOnce(t *testing.T) {
	t.Parallel()
	_, dir := newStore(t, spool.Options{})
	crashed := crashAtOnce(t, dir, spool.MaxRuns+6)
	var wg sync.WaitGroup
	for _, id := range crashed {
		s := storeOf(t, dir, spool.Options{})
		wg.Go(func() {
			if err := s.Sweep(); err != nil {
				t.Error(err)
			}
			r, _, err := s.DeadRun(id)
			if err != nil || r == nil {
				t.Errorf("run %s: %v", id, err)
				return
			}
			if text, err := os.ReadFile(filepath.Join(dir, r.ID+".crash")); err != nil || !strings.HasPrefix(string(text), "panic: of a run") {
				t.Errorf("run %s: %v: %s", id, err, text)
			}
			if err := r.Reported(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s := storeOf(t, dir, spool.Options{})
	require.NoError(t, s.Sweep())
	left := files(t, dir)
	require.Equal(t, spool.MaxRuns, count(left, ".run"), "reported, and soon forgotten")
	require.Zero(t, count(left, ".crash"))
	lost, err := s.TakeLost()
	require.NoError(t, err)
	require.Empty(t, lost)
}
