package examples_test

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

var (
	httpserverProgram = testprogram.Source{Dir: "httpserver"}.Once()
	errgroupProgram   = testprogram.Source{Dir: "errgroup"}.Once()
	workerProgram     = testprogram.Source{Dir: "worker"}.Once()
	slogProgram       = testprogram.Source{Dir: "slog"}.Once()
	cliProgram        = testprogram.Source{Dir: "cli"}.Once()
)

// startHTTPServer returns when the example has logged where it listens.
func startHTTPServer(t *testing.T, server *sentrytest.Server, args ...string) *helper {
	t.Helper()
	cmd := testprogram.Command(t, httpserverProgram(t), append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	cmd.Stderr = testprogram.IntoStdout
	h := &helper{t: t, Process: testprogram.Start(t, cmd, "SENTRY_DSN="+server.DSN())}
	line := h.Line()
	require.Regexp(t, listening, line)
	h.addr = listening.FindStringSubmatch(line)[1]
	return h
}

// ask sends a request of a user, and returns the status of the answer.
func (h *helper) ask(method, path string) int {
	request, err := http.NewRequestWithContext(h.t.Context(), method, "http://"+h.addr+path, nil)
	require.NoError(h.t, err)
	request.Close = true
	for key, value := range map[string]string{
		"X-Request-ID": "r-17", "X-Tenant-ID": "acme", "X-User-ID": "5", "Authorization": "Bearer abcdefghijkl",
	} {
		request.Header.Set(key, value)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(h.t, err)
	response.Body.Close()
	return response.StatusCode
}

func TestHTTPServer(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"with sentryhttp": nil, "without": {"-plain"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sentrytest.NewServer(t)
			h := startHTTPServer(t, server, args...)

			require.Equal(t, http.StatusOK, h.ask(http.MethodGet, "/healthz"))
			require.Equal(t, http.StatusOK, h.ask(http.MethodGet, "/orders/5"))
			require.Equal(t, http.StatusInternalServerError, h.ask(http.MethodGet, "/orders/0"))
			event := server.Wait(1)[0]
			requireRequest(t, event)
			require.Equal(t, "runtime error: integer divide by zero", event.Title())
			require.Equal(t, "main.getOrder", event.Top().Name())
			require.Equal(t, "GET", event.Request.Method)
			require.NotContains(t, string(event.Raw), "abcdefghijkl")

			status, logged := h.stop()
			require.Zero(t, status, logged)
			require.Len(t, server.Events(), 1)
			if name == "without" {
				return
			}
			transactions := server.ItemsOfType("transaction")
			require.Len(t, transactions, 2, "a probe is none")
			require.Contains(t, string(transactions[0].Payload), "GET /orders/{id}")
		})
	}
}

func requireRequest(t *testing.T, event *sentrytest.Event) {
	t.Helper()
	require.Equal(t, "r-17", event.Tags["request_id"])
	require.Equal(t, "acme", event.Tags["tenant_id"])
	require.Equal(t, "5", event.User.ID)
}

// TestHTTPServerAfterTheAnswer: a goroutine that a handler has started ends the
// process, and its report still tells whose request it was.
func TestHTTPServerAfterTheAnswer(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	h := startHTTPServer(t, server)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+h.addr+"/orders/5/receipt", nil)
	require.NoError(t, err)
	request.Header.Set("X-Request-ID", "r-17")
	request.Header.Set("X-Tenant-ID", "acme")
	request.Header.Set("X-User-ID", "5")
	if response, err := http.DefaultClient.Do(request); err == nil { // it may die before
		response.Body.Close()
	}
	status, _ := h.end()
	require.Equal(t, statusOfPanic, status)
	require.Len(t, server.Events(), 1)
	requireRequest(t, server.Events()[0])
	require.Equal(t, "main.mail", server.Events()[0].Top().Name())
}

func TestErrgroup(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	ended := run(t, server, testprogram.Command(t, errgroupProgram(t), "https://example.com", ""))
	require.Equal(t, statusOfPanic, ended.Status, ended.Stdout)
	require.Len(t, server.Events(), 1)
	require.Equal(t, "main.fetch", server.Events()[0].Top().Name())
	ended = run(t, server, testprogram.Command(t, errgroupProgram(t), "/x"))
	require.Equal(t, "fetch /x: no host\n", ended.Stdout)
}

func TestWorker(t *testing.T) {
	t.Parallel()
	for where, c := range map[string]struct {
		status int
		title  string
	}{
		"job":   {statusOfPanic, "runtime error: integer divide by zero"},
		"timer": {statusOfPanic, "runtime error: assignment to entry in nil map"},
		"cron":  {0, "runtime error: index out of range [0] with length 0"}, // recovered by cron
	} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			server := sentrytest.NewServer(t)
			ended := run(t, server, testprogram.Command(t, workerProgram(t), where))
			require.Equal(t, c.status, ended.Status, ended.Stdout)
			require.Len(t, server.Events(), 1)
			require.Equal(t, c.title, server.Events()[0].Title())
			require.Contains(t, server.Events()[0].Top().Name(), "main.")
		})
	}
}

func TestSlog(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	ended := run(t, server, testprogram.Command(t, slogProgram(t)))
	require.Equal(t, statusOfPanic, ended.Status)
	require.Len(t, server.Events(), 1)
	crumbs := server.Events()[0].Breadcrumbs
	require.Len(t, crumbs, 100)
	require.Equal(t, "loading", crumbs[0].Message)
	last := crumbs[99]
	require.Equal(t, "no profile", last.Message)
	require.Equal(t, "warning", last.Level)
	require.Equal(t, map[string]any{"component": "settings", "user.password": "[Filtered]"}, last.Data)
	require.Contains(t, ended.Stdout, "no profile", "the log has it too")
}

// cli runs the example once, with what the user types.
func cli(t *testing.T, server *sentrytest.Server, home, typed, file string) testprogram.Ending {
	t.Helper()
	cmd := testprogram.Command(t, cliProgram(t), "stats", file)
	cmd.Stdin = strings.NewReader(typed)
	return run(t, server, cmd, "HOME="+home, "XDG_CONFIG_HOME="+home, "AppData="+home)
}

func TestCLI(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the shell of the test is one of Unix")
	}
	server, home := sentrytest.NewServer(t), t.TempDir()
	const question = "May this tool send a report"
	empty, words := "/dev/null", filepath.Join("cli", "main.go")

	ended := cli(t, server, home, "n\n", empty)
	require.Equal(t, statusOfPanic, ended.Status, ended.Stdout)
	require.Contains(t, ended.Stdout, question)
	ended = cli(t, server, home, "", empty)
	require.Equal(t, statusOfPanic, ended.Status, ended.Stdout)
	require.NotContains(t, ended.Stdout, question, "the answer is remembered")
	require.Empty(t, server.Attempts())

	home = t.TempDir()
	server.Down()
	ended = cli(t, server, home, "y\n", empty)
	require.Equal(t, statusOfPanic, ended.Status, ended.Stdout)
	require.NoError(t, server.Up())
	ended = cli(t, server, home, "", words)
	require.Zero(t, ended.Status, ended.Stdout)
	require.Len(t, server.Wait(1), 1, "the next run has sent it")
	require.Equal(t, "main.meanLength", server.Events()[0].Top().Name())
}

// TestParametersAsATool: what .goreleaser.yaml calls works where the modules are
// vendored, and so go run of another module does not.
func TestParametersAsATool(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "tool", "sentry-params")
	cmd.Env = testprogram.Environment("SENTRY_CONTEXT_NAME=cli", "SENTRY_PRODUCTION=true")
	flags, err := cmd.CombinedOutput()
	require.NoError(t, err, string(flags))
	require.Contains(t, string(flags), "contextName=cli")
	require.Contains(t, string(flags), "productionFlag=true")
}
