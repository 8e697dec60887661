package sentry_test

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file let a program die: testdata/crash, a module of its
// own, because what is in_app and what a frame's file is called depend on the
// main module, and that of a test binary is the library itself.

func TestMain(m *testing.M) { os.Exit(testprogram.Main(m)) }

// crashProgram is built in place; crashProgramElsewhere is the same source in
// another folder, built as releases are.
var (
	crashProgram          = testprogram.Source{Dir: "testdata/crash"}.Once()
	crashProgramElsewhere = testprogram.Source{Dir: "testdata/crash", Elsewhere: true, Flags: []string{"-trimpath"}}.Once()
)

// A death is what is left of a process, and what the server has by then.
type death struct {
	testprogram.Ending
	events []*sentrytest.Event
	// attempts counts the requests: a report that was sent twice is one event.
	attempts int
}

// die runs the crash program to its end, and has a server for its reports.
func die(t *testing.T, kind string, env ...string) death {
	t.Helper()
	return dieOf(t, crashProgram(t), kind, env...)
}

func dieOf(t *testing.T, bin, kind string, env ...string) death {
	t.Helper()
	server := sentrytest.NewServer(t)
	ended := run(t, bin, kind, append(env, "SENTRY_TEST_DSN="+server.DSN())...)
	return death{Ending: ended, events: server.Events(), attempts: len(server.Attempts())}
}

// run runs a program to its end. Without a DSN in env it is the same program
// without the library.
func run(t *testing.T, bin, kind string, env ...string) testprogram.Ending {
	t.Helper()
	return testprogram.Run(t, testprogram.Command(t, bin, kind), env...)
}

const crashModule = "example.com/acme/crash"

// TestDeaths: each kind of panic is exactly one event, with the right name, the
// place of the panic on top, and the exit status of the same program without
// the library.
func TestDeaths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind  string
		title string // as Sentry shows it
		top   string // the last frame; by default a literal of main.init
	}{
		{kind: "nil", title: "runtime error: invalid memory address or nil pointer dereference"},
		{kind: "index", title: "runtime error: index out of range [5] with length 0"},
		{kind: "nilmap", title: "runtime error: assignment to entry in nil map"},
		{kind: "closed", title: "runtime error: close of closed channel"},
		{kind: "assertion", title: "runtime error: interface conversion: interface {} is string, not int"},
		{kind: "division", title: "runtime error: integer divide by zero"},
		{kind: "string", title: "panic: boom"},
		{kind: "error", title: "panic: static"},
		{kind: "chain", title: "panic: load: open: file does not exist"},
		{kind: "join", title: "panic: static"},
		{kind: "pkgerrors", title: "panic: made elsewhere"},
		{kind: "panicnil", title: "runtime error: panic called with nil argument"},
		{kind: "struct", title: "panic: (main.config)"},
		{kind: "stringer", title: "panic: a stringer"},
		{kind: "ownerror", title: "main.queryError: query failed: select 1"},
		{kind: "ownstring", title: `panic: main.verdict("guilty")`},
		{kind: "ownfloat", title: "panic: main.temperature(36.6)"},
		{kind: "int", title: "panic: 42"},
		{kind: "waitgroup", title: "panic: sync: negative WaitGroup counter", top: "sync.(*WaitGroup).Add"},
		{kind: "deep", title: "panic: deep", top: "main.deep"},
		{kind: "deferred", title: "panic: second"},
		{kind: "main", title: "panic: in main"},
		{kind: "timer", title: "panic: in a timer"},
		{kind: "go", title: "panic: in Go"},
		{kind: "context", title: "panic: in context", top: "main.inContext"},
		{kind: "helper", title: "panic: helper"},
		{kind: "helperagain", title: "panic: again"},
		{kind: "guardpanics", title: "panic: twice"},
		{kind: "deepguards", title: "panic: deep guards", top: "main.deepGuards"},
		{kind: "manyguards", title: "panic: many guards", top: "main.manyGuards"},
		{kind: "cleanupnil", title: "runtime error: invalid memory address or nil pointer dereference", top: "main.cleanUpNil"},
		{kind: "nested", title: "panic: nested", top: "main.nested"},
		{kind: "liar", title: "main.liar: (main.liar) whose Error method did not return"},
		{kind: "selfslice", title: "panic: ([]interface {})"},
		{kind: "cycle", title: "main.cycle: a cycle"},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			t.Parallel()
			bin := crashProgram(t)
			d := dieOf(t, bin, tt.kind)
			require.Len(t, d.events, 1, d.Stderr)
			require.Equal(t, 1, d.attempts)
			e := d.events[0]
			require.Equal(t, tt.title, e.Title())
			require.True(t, strings.HasPrefix(e.Top().Name(), cmp.Or(tt.top, "main.init.func")), e.Top().Name())
			requireCrash(t, e)
			require.Equal(t, run(t, bin, tt.kind).Status, d.Status)
			require.Equal(t, 2, d.Status)
		})
	}
}

// requireCrash holds what is true of every report.
func requireCrash(t *testing.T, e *sentrytest.Event) {
	t.Helper()
	require.Empty(t, e.Invalid)
	require.Equal(t, "fatal", e.Level)
	x := e.Exception()
	require.NotNil(t, x.Mechanism)
	require.NotNil(t, x.Mechanism.Handled)
	require.False(t, *x.Mechanism.Handled)
	require.Less(t, len(e.Raw), 200_000)
	require.Empty(t, e.ServerName)
	require.Empty(t, e.Modules)
	require.NotContains(t, rawOf(t, e), "hunter2")
	require.NotContains(t, string(e.Raw), hostName(t))
	require.NotContains(t, string(e.Raw), workingDir(t))
	require.NotEmpty(t, e.Frames())
	require.LessOrEqual(t, len(e.Frames()), 250)
	for _, f := range e.Frames() {
		own := f.Module == "main" || strings.HasPrefix(f.Module, crashModule)
		require.Equal(t, own, f.InApp, f.Name())
		require.NotEqual(t, "runtime", f.Module)
		require.NotEqual(t, "github.com/panicreport/sentry", f.Module)
		require.Empty(t, f.AbsPath)
		require.False(t, filepath.IsAbs(f.Filename), f.Filename)
		require.Positive(t, f.Lineno)
	}
	if e.Culprit().Module == "main" {
		require.Equal(t, crashModule+"/main.go", e.Culprit().Filename)
	}
}

func hostName(t *testing.T) string {
	t.Helper()
	name, err := os.Hostname()
	require.NoError(t, err)
	return name
}

func workingDir(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	return dir
}

func TestDeepStackLosesItsMiddle(t *testing.T) {
	t.Parallel()
	e := die(t, "deep").events[0]
	require.Len(t, e.Frames(), 250)
	// The outer end tells who started it, the inner one who panicked.
	require.Equal(t, "guarded.func1", e.Frames()[0].Function)
	omitted := e.Exception().Stacktrace.FramesOmitted
	require.Equal(t, 50, omitted[0])
	require.Greater(t, omitted[1]-omitted[0], 150)
	require.EqualValues(t, omitted[1]-omitted[0], e.Contexts["stacktrace"]["frames_left_out"])
}

func TestHugeValueIsCut(t *testing.T) {
	t.Parallel()
	bin := crashProgram(t)
	d := dieOf(t, bin, "huge")
	require.Len(t, d.events, 1)
	requireCrash(t, d.events[0])
	require.True(t, strings.HasPrefix(d.events[0].Title(), "panic: xxxx"))
	require.Equal(t, 2, d.Status)
}

func TestChainBecomesLinkedExceptions(t *testing.T) {
	t.Parallel()
	x := die(t, "chain").events[0].Exceptions
	require.Len(t, x, 3)
	require.Equal(t, []string{"file does not exist", "open: file does not exist", "load: open: file does not exist"},
		[]string{x[0].Value, x[1].Value, x[2].Value})
	require.Equal(t, []string{"*errors.errorString", "*fmt.wrapError", "panic"}, []string{x[0].Type, x[1].Type, x[2].Type})
	require.Equal(t, 1, *x[0].Mechanism.ParentID)
	require.Equal(t, 0, *x[1].Mechanism.ParentID)
	require.Nil(t, x[2].Mechanism.ParentID)
	require.Nil(t, x[0].Stacktrace, "the stack is that of the panic")

	x = die(t, "join").events[0].Exceptions
	require.Len(t, x, 3)
	require.True(t, x[2].Mechanism.IsExceptionGroup)
	require.Equal(t, "errors[1]", x[0].Mechanism.Source)
	require.Equal(t, "errors[0]", x[1].Mechanism.Source)
	require.Equal(t, 0, *x[0].Mechanism.ParentID)

	require.Len(t, die(t, "cycle").events[0].Exceptions, 2)
}

// TestStackOfTheErrorIsNotThatOfThePanic: pkg/errors records where an error was
// made, which is not where the program died.
func TestStackOfTheErrorIsNotThatOfThePanic(t *testing.T) {
	t.Parallel()
	e := die(t, "pkgerrors").events[0]
	for _, f := range e.Frames() {
		require.NotEqual(t, "MadeElsewhere", f.Function)
	}
	require.Len(t, e.Exceptions, 1)
}

func TestNewPanicIsANewReport(t *testing.T) {
	t.Parallel()
	for kind, n := range map[string]int{
		"loop": 3, "againinaloop": 3, "repaniced": 2, "two": 2, "crowd": 200, "newdeferred": 2, "cleanupnils": 2, "sometimes": 2, "latehelper": 1,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			require.Len(t, die(t, kind).events, n)
		})
	}
}

func TestHelperThatReportsLate(t *testing.T) {
	t.Parallel()
	e := die(t, "latehelper").events[0]
	require.Equal(t, "main.lateHelper", e.Top().Name())
}

func TestNoCrashNoReport(t *testing.T) {
	t.Parallel()
	bin := crashProgram(t)
	for _, kind := range []string{"none", "goexit", "exit", "abort"} {
		d := dieOf(t, bin, kind)
		require.Empty(t, d.events, kind)
		require.Equal(t, run(t, bin, kind).Status, d.Status, kind)
	}
}

func TestCrowdHasOneReportEach(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range die(t, "crowd").events {
		seen[e.Exception().Value] = true
	}
	require.Len(t, seen, 200)
}

// TestSameFramesFromEveryBuild: the same source, in two folders, with and
// without -trimpath.
func TestSameFramesFromEveryBuild(t *testing.T) {
	t.Parallel()
	here := crashProgram(t)
	elsewhere := crashProgramElsewhere(t)
	for _, kind := range []string{"nil", "helper", "pkgerrors", "waitgroup", "context", "timer", "deep"} {
		a, b := dieOf(t, here, kind), dieOf(t, elsewhere, kind)
		require.Len(t, a.events, 1)
		require.Len(t, b.events, 1)
		require.Equal(t, withoutLines(a.events[0].Frames()), withoutLines(b.events[0].Frames()), kind)
		for _, e := range []*sentrytest.Event{a.events[0], b.events[0]} {
			requireCrash(t, e)
			require.NotContains(t, string(e.Raw), testprogram.Scratch())
		}
	}
}

// TestNilPanicIsNotSwallowed: with panicnil=1, recover returns nil for it.
func TestNilPanicIsNotSwallowed(t *testing.T) {
	t.Parallel()
	bin := crashProgram(t)
	d := dieOf(t, bin, "panicnil", "GODEBUG=panicnil=1")
	require.Equal(t, 2, d.Status)
	require.Len(t, d.events, 1)
	require.Equal(t, "panic: nil", d.events[0].Title())
	requireCrash(t, d.events[0])
	// Nor by a program that has not called Init.
	require.Equal(t, 2, run(t, bin, "panicnil", "GODEBUG=panicnil=1").Status)
	for _, kind := range []string{"none", "goexit"} {
		d = dieOf(t, bin, kind, "GODEBUG=panicnil=1")
		require.Zero(t, d.Status)
		require.Empty(t, d.events)
	}
}

func TestHooksDoNotStandInTheWay(t *testing.T) {
	t.Parallel()
	for _, hook := range []string{"panics", "goexits"} {
		d := die(t, "string", "CRASH_HOOK="+hook)
		require.Len(t, d.events, 1, hook)
		require.Equal(t, "panic: boom", d.events[0].Title())
		require.Equal(t, 2, d.Status)
	}
	// A hook that never returns costs some of the flush timeout, and its changes.
	d := die(t, "string", "CRASH_HOOK=hangs")
	require.Len(t, d.events, 1)
	requireCrash(t, d.events[0])
	require.Equal(t, "development", d.events[0].Environment)
	require.Equal(t, "string", d.events[0].Tags["death"])
	require.Equal(t, 2, d.Status)
	require.Contains(t, d.Stderr, "panic: boom [recovered, repanicked]")
}

func TestErrorMethodThatWaitsForThePanic(t *testing.T) {
	t.Parallel()
	d := die(t, "locked")
	require.Len(t, d.events, 1)
	require.Equal(t, "main.lockedError: (*main.lockedError) whose Error method did not return", d.events[0].Title())
	require.Zero(t, d.Status)
}

func TestHookCanNotUndoTheScrubbing(t *testing.T) {
	t.Parallel()
	d := die(t, "string", "CRASH_HOOK=discloses")
	require.Len(t, d.events, 1)
	require.NotContains(t, rawOf(t, d.events[0]), "hunter2")
	require.NotContains(t, rawOf(t, d.events[0]), "bobs-laptop")
}

func TestTextIsScrubbed(t *testing.T) {
	t.Parallel()
	d := die(t, "secret")
	require.Len(t, d.events, 1)
	require.Equal(t, "panic: login failed: password=[Filtered] for [email]", d.events[0].Title())
	// What the person at the terminal sees stays what the runtime prints.
	require.Contains(t, d.Stderr, "panic: login failed: password=hunter2 for bob@example.com [recovered, repanicked]")
}

func TestWithoutMessagesThereIsNoText(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"secret", "chain", "ownerror", "stringer"} {
		e := die(t, kind, "CRASH_WITHOUT_MESSAGES=1").events[0]
		require.NotEmpty(t, e.Frames())
		for _, x := range e.Exceptions {
			require.Empty(t, x.Value, kind)
			require.NotEmpty(t, x.Type, kind)
		}
	}
}

func TestContextsScope(t *testing.T) {
	t.Parallel()
	e := die(t, "context").events[0]
	require.Equal(t, "r-1", e.Tags["request_id"])
	require.Equal(t, "42", e.User.ID)
	require.Empty(t, e.User.Email)
	require.Equal(t, "token=[Filtered]", e.Breadcrumbs[0].Message)
}

// TestVariablesOfThePersonWhoRunsIt: none of them turns reporting on, receives
// the reports, or writes into them.
func TestVariablesOfThePersonWhoRunsIt(t *testing.T) {
	t.Parallel()
	thief := sentrytest.NewServer(t)
	variables := []string{
		"SENTRY_DSN=" + thief.DSN(), "SENTRY_ENVIRONMENT=production", "SENTRY_RELEASE=forged", "SENTRY_TAGS_x=forged",
		"HEROKU_BUILD_COMMIT=forged", "GITHUB_SHA=forged", "SENTRYGODEBUG=httpdump=1,httptrace=1",
	}
	d := die(t, "string", variables...)
	require.Len(t, d.events, 1)
	e := d.events[0]
	require.Equal(t, "development", e.Environment)
	require.Equal(t, "example.com-acme-crash@(devel)", e.Release)
	require.NotContains(t, rawOf(t, e), "forged")
	require.NotContains(t, d.Stderr, "forged")
	require.NotContains(t, d.Stderr, "X-Sentry-Auth")
	require.Equal(t, crashModule, e.Tags["context.name"])
	require.Equal(t, "string", e.Tags["death"])

	// A program that gave no DSN has none.
	d = die(t, "string", append(variables, "CRASH_NO_DSN=1")...)
	require.Equal(t, 2, d.Status)
	require.Empty(t, thief.Attempts())

	for given, want := range map[string]string{
		"staging": "staging", "": "development", "Production ": "development", "a/b": "a-b",
	} {
		d = die(t, "string", "SENTRY_ENVIRONMENT="+given)
		require.Equal(t, want, d.events[0].Environment, given)
	}
}

func TestDoNotTrackIsOff(t *testing.T) {
	t.Parallel()
	d := die(t, "string", "DO_NOT_TRACK=1")
	require.Empty(t, d.events)
	require.Equal(t, 2, d.Status)
}

func TestNothingIsSentAfterClose(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"afterclose", "clonedhub"} {
		d := die(t, kind)
		require.Len(t, d.events, 1, kind)
		require.Contains(t, d.events[0].Title(), "before")
	}
}

func TestReportsShareNoTrace(t *testing.T) {
	t.Parallel()
	events := die(t, "two").events
	require.Len(t, events, 2)
	one, two := events[0].Contexts["trace"]["trace_id"], events[1].Contexts["trace"]["trace_id"]
	require.Len(t, one, 32)
	require.Len(t, two, 32)
	require.NotEqual(t, one, two)
	for i, e := range events {
		other := events[1-i].Contexts["trace"]["trace_id"].(string)
		require.NotContains(t, rawOf(t, e), other)
		require.NotContains(t, string(e.Envelope.Header.Raw), other)
	}
}

// TestStandardErrorIsTheRuntimes: the library adds the runtime's own remark and
// nothing else.
func TestStandardErrorIsTheRuntimes(t *testing.T) {
	t.Parallel()
	bin := crashProgram(t)
	d := dieOf(t, bin, "string")
	first, _, _ := strings.Cut(d.Stderr, "\n")
	require.Equal(t, "panic: boom [recovered, repanicked]", first)
}

// TestTheProgramIsWhatItSays keeps the tests honest: every death is used.
func TestTheProgramIsWhatItSays(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("testdata/crash/main.go")
	require.NoError(t, err)
	test, err := readTests("crash_test.go", "spool_test.go", "spool_linux_test.go")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(source), "var deaths = ")
	for line := range strings.Lines(table) {
		if kind, ok := strings.CutPrefix(strings.TrimSpace(line), `"`); ok {
			kind, _, _ = strings.Cut(kind, `"`)
			require.True(t, strings.Contains(string(test), `"`+kind+`"`), kind)
		}
	}
	_, err = os.Stat("testdata/crash/go.sum")
	require.NotErrorIs(t, err, fs.ErrNotExist)
}

func readTests(files ...string) (all []byte, err error) {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, text...)
	}
	return all, nil
}
