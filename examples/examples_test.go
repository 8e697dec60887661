package examples_test

import (
	"bufio"
	"bytes"
	"fmt"
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

	"github.com/panicreport/sentry/sentrytest"
)

// bin is the folder of the built programs, while the tests run.
var bin string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "sentry-examples-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		bin = dir + string(filepath.Separator) // a folder, for go build
		build := exec.Command("go", "build", "-o", bin, "./basic", "./helper", "./optin", "./demo")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %v\n%s", build, err, out)
			return 1
		}
		return m.Run()
	}())
}

// program is a built example that reports to server. It has a folder of its own
// for its settings, and nothing of what the library reads from the environment
// of whoever runs the tests.
func program(t *testing.T, server *sentrytest.Server, name string, args ...string) *exec.Cmd {
	t.Helper()
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, name), args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "SENTRY") && !strings.HasPrefix(v, "DO_NOT_TRACK") && !strings.HasPrefix(v, "GOTRACEBACK") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "SENTRY_DSN="+server.DSN())
	return cmd
}

// run returns the exit status of cmd and what it printed.
func run(t *testing.T, cmd *exec.Cmd) (status int, printed string) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	wait(t, cmd.Run())
	return cmd.ProcessState.ExitCode(), out.String()
}

// wait takes the error of a process that may die.
func wait(t *testing.T, err error) {
	t.Helper()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit)
	}
}

// statusOfPanic is what the runtime exits with.
const statusOfPanic = 2

const module = "github.com/panicreport/sentry/examples"

func TestBasicReportsItsPanic(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)

	status, printed := run(t, program(t, server, "basic"))

	require.Equal(t, statusOfPanic, status)
	require.Contains(t, printed, "panic: runtime error: index out of range [0] with length 0")
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

	status, printed := run(t, program(t, server, "basic", "Ada"))

	require.Zero(t, status, printed)
	require.Equal(t, "hello, Ada\n", printed)
	require.Empty(t, server.Attempts())
}

// A helper is a running example of that name.
type helper struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr *bufio.Reader
	addr   string
}

var listening = regexp.MustCompile(`listening addr=(\S+)`)

// startHelper returns when the program has logged where it listens.
func startHelper(t *testing.T, server *sentrytest.Server) *helper {
	t.Helper()
	h := &helper{t: t, cmd: program(t, server, "helper", "-addr", "127.0.0.1:0")}
	pipe, err := h.cmd.StderrPipe()
	require.NoError(t, err)
	h.stderr = bufio.NewReader(pipe)
	require.NoError(t, h.cmd.Start())
	line, err := h.stderr.ReadString('\n')
	require.NoError(t, err)
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
	rest, err := io.ReadAll(h.stderr)
	require.NoError(h.t, err)
	wait(h.t, h.cmd.Wait())
	return h.cmd.ProcessState.ExitCode(), string(rest)
}

// stop ends the program as Ctrl-C does, or by force where no process can send
// that to another.
func (h *helper) stop() (status int, logged string) {
	if runtime.GOOS == "windows" {
		require.NoError(h.t, h.cmd.Process.Kill())
		_, logged = h.end()
		return 0, logged
	}
	require.NoError(h.t, h.cmd.Process.Signal(os.Interrupt))
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
	cmd := program(t, server, "optin")
	// What os.UserConfigDir reads, on any platform.
	cmd.Env = append(cmd.Env, "HOME="+home, "XDG_CONFIG_HOME="+home, "AppData="+home)
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	return run(t, cmd)
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
	cmd := program(t, server, "demo")
	cmd.Env = append(cmd.Env, "DO_NOT_TRACK=1") // the demo is not tracking

	status, printed := run(t, cmd)

	require.Zero(t, status, printed)
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
