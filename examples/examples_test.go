package examples_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

func TestMain(m *testing.M) { os.Exit(testprogram.Main(m)) }

var (
	basicProgram  = testprogram.Source{Dir: "basic"}.Once()
	helperProgram = testprogram.Source{Dir: "helper"}.Once()
	optinProgram  = testprogram.Source{Dir: "optin"}.Once()
	demoProgram   = testprogram.Source{Dir: "demo"}.Once()
)

// run runs an example that reports to server to its end. What it printed is all in
// its standard output.
func run(t *testing.T, server *sentrytest.Server, cmd *exec.Cmd, env ...string) testprogram.Ending {
	t.Helper()
	cmd.Stderr = testprogram.IntoStdout
	return testprogram.Run(t, cmd, append(env, "SENTRY_DSN="+server.DSN())...)
}

// statusOfPanic is what the runtime exits with.
const statusOfPanic = 2

const module = "github.com/panicreport/sentry/examples"

func TestBasicReportsItsPanic(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)

	ended := run(t, server, testprogram.Command(t, basicProgram(t)))

	require.Equal(t, statusOfPanic, ended.Status)
	require.Contains(t, ended.Stdout, "panic: runtime error: index out of range [0] with length 0")
	require.Len(t, server.Events(), 1)
	event := server.Events()[0]
	require.Equal(t, "runtime error: index out of range [0] with length 0", event.Title())
	require.Equal(t, "main.greet", event.Top().Name())
	require.Equal(t, module+"/basic/main.go", event.Top().Filename)
	require.True(t, event.Top().InApp)
	require.True(t, event.Unhandled())
	require.Equal(t, module, event.Tags["context.name"])
}

func TestBasicWithoutPanic(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)

	ended := run(t, server, testprogram.Command(t, basicProgram(t), "Ada"))

	require.Zero(t, ended.Status, ended.Stdout)
	require.Equal(t, "hello, Ada\n", ended.Stdout)
	require.Empty(t, server.Attempts())
}

// A helper is a running example of that name.
type helper struct {
	*testprogram.Process
	t    *testing.T
	addr string
}

var listening = regexp.MustCompile(`listening addr=(\S+)`)

// startHelper returns when the program has logged where it listens.
func startHelper(t *testing.T, server *sentrytest.Server) *helper {
	t.Helper()
	cmd := testprogram.Command(t, helperProgram(t), "-addr", "127.0.0.1:0")
	cmd.Stderr = testprogram.IntoStdout // which the program does not use
	h := &helper{t: t, Process: testprogram.Start(t, cmd, "SENTRY_DSN="+server.DSN())}
	line := h.Line()
	require.Regexp(t, listening, line)
	h.addr = listening.FindStringSubmatch(line)[1]
	return h
}

// get asks for path. The connection ends, so that the client does not try again
// on its own what has panicked.
func (h *helper) get(path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, "http://"+h.addr+path, nil)
	require.NoError(h.t, err)
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		response.Body.Close()
	}
	return response, err
}

// end returns what the process logged until it died.
func (h *helper) end() (status int, logged string) {
	logged = h.Rest()
	return h.End().Status, logged
}

// stop ends the program as Ctrl-C does, or by force where no process can send
// that to another.
func (h *helper) stop() (status int, logged string) {
	if runtime.GOOS == "windows" {
		h.Signal(os.Kill)
		_, logged = h.end()
		return 0, logged
	}
	h.Signal(os.Interrupt)
	return h.end()
}

func TestHelperInAWorker(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	h := startHelper(t, server)

	// The worker may die before the answer is out.
	_, _ = h.get("/thumbnail?size=0x0")
	status, logged := h.end()

	require.Equal(t, statusOfPanic, status)
	require.Contains(t, logged, `ERROR panic value="runtime error: integer divide by zero"`)
	require.Contains(t, logged, "panic: runtime error: integer divide by zero [recovered, repanicked]")
	require.Len(t, server.Events(), 1)
	event := server.Events()[0]
	require.Equal(t, "runtime error: integer divide by zero", event.Title())
	require.Equal(t, module+"/helper/worker.Image.heightAt", event.Top().Name())
	require.True(t, event.Top().InApp)
	requireNoHelper(t, event)
}

func TestHelperInAServer(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	h := startHelper(t, server)

	_, err := h.get("/thumbnail")
	require.ErrorIs(t, err, io.EOF, "net/http hangs up on a handler that panicked")
	require.Len(t, server.Events(), 1)
	response, err := h.get("/thumbnail?size=640x480")
	require.NoError(t, err, "the server lives on")
	require.Equal(t, http.StatusAccepted, response.StatusCode)
	status, logged := h.stop()

	require.Zero(t, status, logged)
	require.Contains(t, logged, `ERROR panic value="runtime error: index out of range [0] with length 0"`)
	require.Len(t, server.Events(), 1)
	event := server.Events()[0]
	require.Equal(t, "runtime error: index out of range [0] with length 0", event.Title())
	require.Equal(t, module+"/helper/server.parseSize", event.Top().Name())
	requireNoHelper(t, event)
}

func requireNoHelper(t *testing.T, event *sentrytest.Event) {
	t.Helper()
	for _, frame := range event.Frames() {
		require.NotContains(t, frame.Name(), "LogOnPanic", event)
	}
}

// optin runs the program of that name once, with a user who types commands and
// whose settings are in home.
func optin(t *testing.T, server *sentrytest.Server, home string, commands ...string) (status int, printed string) {
	t.Helper()
	cmd := testprogram.Command(t, optinProgram(t))
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	// What os.UserConfigDir reads, on any platform.
	ended := run(t, server, cmd, "HOME="+home, "XDG_CONFIG_HOME="+home, "AppData="+home)
	return ended.Status, ended.Stdout
}

func TestOptinAsksFirst(t *testing.T) {
	t.Parallel()
	server, home := sentrytest.NewServer(t), t.TempDir()

	status, printed := optin(t, server, home, "crash")
	require.Equal(t, statusOfPanic, status)
	require.Contains(t, printed, "Reporting of crashes is off.")
	require.Contains(t, printed, "panic: assignment to entry in nil map")
	require.Empty(t, server.Attempts(), "it is off until the user switches it on")

	status, printed = optin(t, server, home, "on", "crash")
	require.Equal(t, statusOfPanic, status)
	require.Contains(t, printed, "Reporting of crashes is on.")
	require.Len(t, server.Events(), 1)
	require.Equal(t, "runtime error: assignment to entry in nil map", server.Events()[0].Title())
	require.Equal(t, "main.crash", server.Events()[0].Top().Name())

	optin(t, server, home, "crash")
	require.Len(t, server.Events(), 2, "the choice outlives the process")

	status, _ = optin(t, server, home, "off", "crash")
	require.Equal(t, statusOfPanic, status)
	optin(t, server, home, "crash")
	require.Len(t, server.Attempts(), 2, "it is off again, for good")
}

func TestOptinSwitchesWhileItRuns(t *testing.T) {
	t.Parallel()
	server, home := sentrytest.NewServer(t), t.TempDir()

	optin(t, server, home, "on", "off", "crash")
	require.Empty(t, server.Attempts())
	optin(t, server, home, "on", "off", "on", "crash")
	require.Len(t, server.Events(), 1)
}

func TestOptinQuits(t *testing.T) {
	t.Parallel()
	server, home := sentrytest.NewServer(t), t.TempDir()

	status, printed := optin(t, server, home, "on", "help", "quit", "crash")
	require.Zero(t, status, printed)
	require.Contains(t, printed, `there is no command "help"`)
	status, printed = optin(t, server, home) // the end of the input
	require.Zero(t, status, printed)
	require.Empty(t, server.Attempts())
}

// TestOptinWithDamagedSettings: nobody can say that the user agreed.
func TestOptinWithDamagedSettings(t *testing.T) {
	t.Parallel()
	server, home := sentrytest.NewServer(t), t.TempDir()
	optin(t, server, home, "on", "quit")
	require.NoError(t, filepath.WalkDir(home, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return os.WriteFile(path, []byte(`{"report_crashes":tr`), 0o600)
	}))

	status, printed := optin(t, server, home, "crash")
	require.Equal(t, statusOfPanic, status)
	require.Contains(t, printed, "load settings: ")
	require.Empty(t, server.Attempts())
}

// TestOptinThatCanNotSave: what the user would not find at the next start does
// not hold now either.
func TestOptinThatCanNotSave(t *testing.T) {
	t.Parallel()
	server, home := sentrytest.NewServer(t), filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(home, nil, 0o600)) // where a folder should be

	status, printed := optin(t, server, home, "on", "crash")
	require.Equal(t, statusOfPanic, status)
	require.Contains(t, printed, "your choice does not last: save settings: ")
	require.Empty(t, server.Attempts())
}

func TestDemo(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)

	ended := run(t, server, testprogram.Command(t, demoProgram(t)), "DO_NOT_TRACK=1") // the demo is not tracking
	printed := ended.Stdout

	require.Zero(t, ended.Status, printed)
	require.Contains(t, printed, "\n10 deaths, 1 panic survived, 11 reports\n")
	for _, line := range []string{
		"    title     runtime error",
		"    value     invalid memory address or nil pointer dereference",
		"    at        (*wallet).balance        demo/deaths.go:",
		"    caused by *fmt.wrapError: read keys: file does not exist",
		"    title     main.fundsError",
		"    value     (main.login)",
		"    scrubbed  e-mail address, home directory, token in the URL, password",
		"    printed   ERROR panic value=\"assignment to entry in nil map\"",
		"    tags      context.name=demo context.version=v1.0.0 request_id=req-77",
		"              GET /health answers 200 OK",
	} {
		require.Contains(t, printed, "\n"+line)
	}
	for line := range strings.Lines(printed) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSpace(line)), 92, line)
	}
	for _, section := range strings.Split(printed, "\n\n") {
		require.LessOrEqual(t, strings.Count(section, "\n"), 15, section)
	}
	require.Empty(t, server.Attempts(), "it has a server of its own")
}
