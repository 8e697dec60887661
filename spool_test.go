package sentry_test

import (
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file let a program die that has a spool, and run it again.

// requirePanic holds what no fault may change: the panic has gone on.
func requirePanic(t *testing.T, o told) {
	t.Helper()
	require.Equal(t, 2, o.Status, o.Stderr)
	require.True(t, strings.HasPrefix(o.Stderr, "panic: boom [recovered, repanicked]\n"), o.Stderr)
}

// impatient is a flush timeout for one attempt.
const impatient = "CRASH_FLUSH=300ms"

// bound is the flush timeout above and that of the disk, with what a loaded
// machine takes to start a process.
const bound = 10 * time.Second

// TestFaults: each ends with the report delivered once the fault is gone, at
// the latest by the next Init.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*testing.T, *household) (broken, mended []string){
		"server down": func(t *testing.T, h *household) ([]string, []string) {
			h.server.Down()
			return nil, nil
		},
		"500":                  answers(sentrytest.Status(500)),
		"500 for a while":      answers(sentrytest.Status(500), sentrytest.Status(503), sentrytest.Status(500)),
		"502 of a gateway":     answers(sentrytest.Answer{Status: 502, Body: "<html>bad gateway</html>"}),
		"408":                  answers(sentrytest.Status(408)),
		"407 of a proxy":       answers(sentrytest.Status(407)),
		"429":                  answers(sentrytest.RateLimited(time.Second)),
		"503 with Retry-After": answers(sentrytest.Answer{Status: 503, Header: http.Header{"Retry-After": {"1"}}}),
		"X-Sentry-Rate-Limits": answers(sentrytest.Answer{Status: 429, Header: http.Header{"X-Sentry-Rate-Limits": {"1:error:key"}}}),
		"hang":                 answers(sentrytest.Never()),
		"slow":                 answers(sentrytest.Answer{Delay: time.Second}),
		"hang up":              answers(sentrytest.HangUp()),
		"reset":                answers(sentrytest.Reset()),
		"request cut":          answers(sentrytest.CutRequest(100)),
		"answer cut":           answers(sentrytest.CutAnswer(-1)),
		"answer lost":          answers(sentrytest.LoseAnswer()),
		"captive portal":       answers(sentrytest.CaptivePortal()),
		"redirect to a portal": answers(sentrytest.Answer{Status: 302, Header: http.Header{"Location": {"http://127.0.0.1:1/login"}}}),
		"TLS": func(t *testing.T, h *household) ([]string, []string) {
			front := httptest.NewTLSServer(forward(t, h.server))
			t.Cleanup(front.Close)
			h.dsn = "https" + strings.TrimPrefix(withHost(t, h.server.DSN(), front.Listener.Addr().String()), "http")
			ca := filepath.Join(t.TempDir(), "ca.pem")
			block := &pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}
			require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(block), 0o600))
			return nil, []string{"CRASH_CA=" + ca}
		},
		"proxy": func(t *testing.T, h *household) ([]string, []string) {
			proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}})
			t.Cleanup(proxy.Close)
			return []string{"CRASH_PROXY=http://" + deadAddress(t)}, []string{"CRASH_PROXY=" + proxy.URL}
		},
		"DNS": func(t *testing.T, h *household) ([]string, []string) {
			address := hostOf(t, h.server.DSN())
			h.dsn = withHost(t, h.server.DSN(), "o1.ingest.invalid")
			return []string{"CRASH_RESOLVE=none"}, []string{"CRASH_RESOLVE=" + address}
		},
		"no directory": func(t *testing.T, h *household) ([]string, []string) {
			h.server.Down()
			h.dir = filepath.Join(h.dir, "of", "which", "nothing", "exists")
			return nil, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			broken, mended := fault(t, &h)
			o := h.run(t, "string", append(broken, impatient)...)
			requirePanic(t, o)
			require.Less(t, o.Took, bound)

			h.server.Answer(sentrytest.Accept())
			if len(h.server.Events()) == 0 { // the fault was not of the disk
				require.Len(t, h.stored(t), 1, o.Stdout)
				_ = h.server.Up()
			}
			o = h.run(t, "none", mended...)
			require.Zero(t, o.Status, o.Stderr)
			require.Len(t, h.server.Events(), 1, o.Stdout)
			require.Equal(t, "panic: boom", h.server.Events()[0].Title())
			require.Empty(t, h.stored(t))
			requireSameBytes(t, h.server)
		})
	}
}

func answers(a ...sentrytest.Answer) func(*testing.T, *household) (broken, mended []string) {
	return func(_ *testing.T, h *household) ([]string, []string) {
		h.server.Answer(append(a, sentrytest.Accept())...)
		return nil, nil
	}
}

// requireSameBytes: what was sent twice was the same, but for what a fault of
// the test has cut off.
func requireSameBytes(t *testing.T, server *sentrytest.Server) {
	t.Helper()
	attempts := server.Attempts()
	whole := string(attempts[len(attempts)-1].Body)
	for _, a := range attempts {
		require.True(t, strings.HasPrefix(whole, string(a.Body)))
	}
}

func deadAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func hostOf(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	return u.Host
}

func withHost(t *testing.T, dsn, host string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	u.Host = host
	return u.String()
}

func forward(t *testing.T, server *sentrytest.Server) http.Handler {
	t.Helper()
	return httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: hostOf(t, server.DSN())})
}

func TestDirectoryIsRemovedWhileTheProgramRuns(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.server.Down()
	require.Equal(t, 2, h.run(t, "dirremoved", impatient).Status)
	require.Len(t, h.stored(t), 1)
	require.NoError(t, h.server.Up())
	h.run(t, "none")
	require.Len(t, h.server.Events(), 1)
}

// TestClockIsSetBack: everything in the directory is of a year that has not
// begun. The clock of this machine is not for a test to set, but times are
// kept in names only.
func TestClockIsSetBack(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.server.Answer(sentrytest.Status(500), sentrytest.Accept())
	requirePanic(t, h.run(t, "string", impatient))
	now := fmt.Sprint(time.Now().UnixMilli())[:4] // a few months
	for _, name := range h.files(t) {
		future := strings.ReplaceAll(name, now, "2100")
		require.NoError(t, os.Rename(filepath.Join(h.dir, name), filepath.Join(h.dir, future)))
	}
	o := h.run(t, "none")
	require.Len(t, h.server.Events(), 1, o.Stdout)
	require.Empty(t, h.stored(t))
}

// TestLongOutage: the program is started, and crashes or not, while there is no
// network; nothing of it is lost.
func TestLongOutage(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.server.Down()
	for range 2 {
		requirePanic(t, h.run(t, "string", "CRASH_FLUSH=0s"))
		for range 4 {
			o := h.run(t, "none")
			require.Contains(t, o.word(t, "close"), "in the spool")
		}
	}
	require.Len(t, h.stored(t), 2)
	require.NoError(t, h.server.Up())
	o := h.run(t, "none")
	require.Empty(t, o.word(t, "close"))
	require.Len(t, h.server.Events(), 2)
}

// stressed asks for what takes long.
const stressed = "SENTRY_STRESS"

// TestKilledAtAnyMoment: every report of which the program could tell is
// delivered, and each once.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	lives := 60
	if os.Getenv(stressed) != "" {
		lives = 2000
	}
	for worker := range runtime.GOMAXPROCS(0) {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			known := map[string]bool{}
			for life := range lives / runtime.GOMAXPROCS(0) {
				h.server.Answer(weather(life)...)
				for _, id := range h.liveAndDie(t) {
					known[id] = true
				}
				h.leave(t, 20) // 30 are kept, and a life has 5 before it waits
			}
			h.server.Answer(sentrytest.Accept())
			h.leave(t, 0)
			require.Empty(t, h.server.ClientReports(), "nothing was dropped")
			arrived := map[string]bool{}
			for _, e := range h.server.Events() {
				require.False(t, arrived[e.EventID], "twice")
				arrived[e.EventID] = true
			}
			for id := range known {
				require.True(t, arrived[id], "%s was stored and is lost", id)
			}
			t.Logf("%d reports told, %d arrived, in %d attempts", len(known), len(arrived), len(h.server.Attempts()))
		})
	}
}

// leave runs the program, which sends what is stored, until there are at most n.
func (h household) leave(t *testing.T, n int) {
	t.Helper()
	for len(h.stored(t)) > n {
		o := h.run(t, "none")
		require.Zero(t, o.Status, o.Stderr)
	}
}

// weather lets each moment of a delivery be long in some lives.
func weather(life int) []sentrytest.Answer {
	moment := rand.N(10 * time.Millisecond)
	switch life % 8 {
	case 0:
		return []sentrytest.Answer{sentrytest.LoseAnswer(), sentrytest.Accept()}
	case 1:
		return []sentrytest.Answer{sentrytest.Accept(), sentrytest.Reset(), sentrytest.Accept()}
	case 2, 3:
		return []sentrytest.Answer{{Delay: moment}}
	default:
		return []sentrytest.Answer{sentrytest.Accept()}
	}
}

// liveAndDie returns the ids that the program told before it was killed.
func (h household) liveAndDie(t *testing.T) (ids []string) {
	t.Helper()
	p := testprogram.Start(t, h.command(t, "stream", "CRASH_FLUSH=0s"))
	killer := time.AfterFunc(rand.N(60*time.Millisecond), func() { _ = p.Cmd.Process.Kill() })
	defer killer.Stop()
	for line := range p.Lines() {
		if id, ok := strings.CutPrefix(line, "+"); ok {
			ids = append(ids, id)
		}
	}
	require.NotZero(t, p.End().Status, "it was killed")
	return ids
}

// TestTenProcessesShareADirectory, each crashing ten times.
func TestTenProcessesShareADirectory(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 10 {
				if o := h.run(t, "string"); o.Status != 2 {
					t.Errorf("status %d: %s", o.Status, o.Stderr)
				}
			}
		})
	}
	wg.Wait()
	require.Zero(t, h.run(t, "none").Status)
	require.Len(t, h.server.Events(), 100)
	require.Empty(t, h.stored(t))
	require.Len(t, h.server.Attempts(), 100, "one process sends each, and once")
}

// TestCrashedLastRun, and nothing that is no crash.
func TestCrashedLastRun(t *testing.T) {
	t.Parallel()
	for kind, crashed := range map[string]string{
		"none": "false", "two": "false", "abort": "false", "exit": "false", "killed": "false", "goexit": "false", "afterclose": "false",
		"string": "true", "main": "true", "unguarded": "true", "inmain": "true", "helper": "true", "timer": "true",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			o := h.run(t, kind)
			require.Equal(t, "false", o.word(t, "crashed"), "the first run: %s", o.Stdout)
			require.Equal(t, run(t, h.bin, kind).Status, o.Status)
			require.Equal(t, crashed, h.run(t, "none").word(t, "crashed"))
			require.Equal(t, "false", h.run(t, "none").word(t, "crashed"), "that run ended well")
		})
	}
}

// TestCrashLoopIsWaitedFor: a program that does not live long enough to send
// what it has stored waits at its start.
func TestCrashLoopIsWaitedFor(t *testing.T) {
	t.Parallel()
	const slow = 800 * time.Millisecond
	for name, tt := range map[string]struct {
		kind  string
		fault sentrytest.Answer
		flush string
		waits bool
	}{
		"crashed":                {"string", sentrytest.Status(500), "0s", true},
		"was held, then crashed": {"string", sentrytest.Never(), "2500ms", true},
		"ended well":             {"two", sentrytest.Status(500), "0s", false},
		"was killed":             {"killed", sentrytest.Status(500), "0s", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			h.server.Answer(tt.fault)
			h.run(t, tt.kind, "CRASH_FLUSH="+tt.flush)
			h.server.Answer(sentrytest.Answer{Delay: slow})
			o := h.run(t, "string", "CRASH_FLUSH=0s") // which would die before it has sent anything
			requirePanic(t, o)
			if tt.waits {
				require.GreaterOrEqual(t, o.init(t), slow)
				require.Len(t, h.server.Events(), 1)
			} else {
				require.Less(t, o.init(t), slow)
				require.Empty(t, h.server.Events())
			}
			require.Less(t, o.init(t), 6*time.Second)
		})
	}
}

func TestCrashLoopWaitsNotForeverForAServerThatHangs(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.server.Answer(sentrytest.Never())
	requirePanic(t, h.run(t, "string", "CRASH_FLUSH=0s"))
	o := h.run(t, "none", "CRASH_FLUSH=0s")
	require.GreaterOrEqual(t, o.init(t), 5*time.Second)
	require.Less(t, o.init(t), 7*time.Second)
	require.Contains(t, o.word(t, "close"), "1 stays in the spool, for the next run")
}

// TestWithoutConsentNothingIsStored, nor what was.
func TestWithoutConsentNothingIsStored(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	for _, kind := range []string{"string", "unguarded", "none"} {
		h.run(t, kind, "CRASH_NO_CONSENT=1")
		require.NoDirExists(t, h.dir)
	}
	for _, no := range []string{"CRASH_NO_CONSENT=1", "DO_NOT_TRACK=1"} {
		h.server.Down()
		requirePanic(t, h.run(t, "string", impatient))
		require.Len(t, h.stored(t), 1)
		require.NoError(t, h.server.Up())
		require.Equal(t, 2, h.run(t, "unguarded", no).Status)
		for _, name := range h.files(t) {
			require.Equal(t, "spool.lock", name, "it is empty")
		}
	}
	h.run(t, "none")
	require.Empty(t, h.server.Attempts())
}

// TestAbandonedDirectoryIsSmall: that of a program that crashed for as long as
// it was used, without a network, and is uninstalled.
func TestAbandonedDirectoryIsSmall(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.server.Down()
	for range 3 {
		h.run(t, "crowd", "CRASH_FLUSH=0s") // 200 panics
		h.run(t, "killed", "CRASH_FLUSH=0s")
	}
	require.Len(t, h.stored(t), 30)
	var bytes int64
	for _, name := range h.files(t) {
		info, err := os.Stat(filepath.Join(h.dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm()&0o677)
		bytes += info.Size()
	}
	require.LessOrEqual(t, len(h.files(t)), 30+6, "a lock, a state, and the last run with its crash file, notes and last moments")
	require.Less(t, bytes, int64(30*200_000))
}

// TestRateLimitOverProcesses: at once, and one after another.
func TestRateLimitOverProcesses(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				h.run(t, "string", "CRASH_RATE=3/1h")
			}
		})
	}
	h.run(t, "index", "CRASH_RATE=3/1h") // another crash
	wg.Wait()
	require.Len(t, h.server.Events(), 3+1)
}

// TestRateLimitTellsWhatItLeftOut, over restarts.
func TestRateLimitTellsWhatItLeftOut(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	const rate = "CRASH_RATE=1/2s"
	runs := 0
	for deadline := time.Now().Add(30 * time.Second); len(h.server.Events()) < 2 && time.Now().Before(deadline); runs++ {
		h.run(t, "string", rate)
	}
	events := h.server.Events()
	require.Len(t, events, 2)
	require.NotContains(t, events[0].Contexts, "rate_limit")
	require.EqualValues(t, runs-2, events[1].Contexts["rate_limit"]["left_out"])
}

// TestInitDoesNotWaitForWhatIsStored.
func TestInitDoesNotWaitForWhatIsStored(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.server.Down()
	h.run(t, "crowd", "CRASH_FLUSH=0s")
	require.Len(t, h.stored(t), 30)
	require.NoError(t, h.server.Up())
	hold := make(chan struct{})
	h.server.Answer(sentrytest.Answer{Until: hold})
	p := testprogram.Start(t, h.command(t, "none"))
	line := p.Line() // Init has returned, and no report has an answer
	require.True(t, strings.HasPrefix(line, "init "), line)
	close(hold)
	p.Rest()
	require.Zero(t, p.End().Status)
	require.Len(t, h.server.Events(), 30)
	require.Len(t, h.server.ClientReports(), 1, "of the others")
}
