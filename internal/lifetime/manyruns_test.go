package lifetime_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/folder"
	"github.com/panicreport/sentry/internal/lifetime"
	"github.com/panicreport/sentry/internal/panics"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/session"
	"github.com/panicreport/sentry/internal/traceback"
	"github.com/panicreport/sentry/sentrytest"
)

// noFrames are nobody's.
type noFrames struct{}

func (noFrames) Called(panics.Stack) *sentry.Stacktrace                 { return nil }
func (noFrames) Printed([]traceback.Frame, int, int) *sentry.Stacktrace { return nil }
func (noFrames) Frame(traceback.Frame) (frame sentry.Frame, ok bool)    { return frame, false }
func (noFrames) IsInApp(string) bool                                    { return false }
func (noFrames) Tidy(*sentry.Stacktrace)                                {}

// runs simulates the runs of a program, by what each leaves in the spool.
type runs struct {
	dir    string
	config lifetime.Config
	random *rand.Rand
	want   map[string]int
}

// leave writes the mark of a dead run, with a crash text or without.
func (s *runs) leave(t *testing.T, m lifetime.Memo, crash string) {
	t.Helper()
	doc, err := json.Marshal(m)
	require.NoError(t, err)
	id := folder.RandomID()
	name := fmt.Sprintf("%013d-%s-0-%013d.run", m.Session.Started.UnixMilli(), id, 0)
	text := append([]byte(folder.Header{Kind: "run", ID: id}.Line(doc)), doc...)
	if crash != "" {
		require.NoError(t, os.WriteFile(filepath.Join(s.dir, id+".crash"), []byte(crash), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, name), text, 0o600))
}

const crashText = "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:5 +0x1\n"

// one is a run that ends in one of the ways there are.
func (s *runs) one(t *testing.T, r *reporter.Reporter) {
	t.Helper()
	const untold = 4 // killed before it could tell that it has begun
	how, now := s.random.IntN(8), r.Health().New()
	if how != untold {
		r.Health().Begin(now)
	}
	m := lifetime.Memo{Program: event.Program{Release: now.Release, Environment: now.Environment}, Session: &now}
	end := session.End{Status: ending.Exited, At: time.Now(), Ran: time.Second}
	switch how {
	case 0:
		s.want["exited"]++
		r.Health().End(now, end)
	case 1:
		s.want["errored"]++
		end.Errors = 1 + s.random.IntN(3)
		r.Health().End(now, end)
	case 2: // killed before it told
		s.want["exited"]++
		m.Closed = &end
		s.leave(t, m, "")
	case 3: // killed after it told, and before it removed its mark
		s.want["errored"]++
		end.Errors = 2
		m.Closed = &end
		r.Health().End(now, end)
		s.leave(t, m, "")
	case untold:
		s.want["abnormal"]++
		m.Untold = true
		s.leave(t, m, "")
	case 5:
		s.want["crashed"]++
		s.leave(t, m, crashText)
	default:
		s.want["abnormal"]++
		s.leave(t, m, "")
	}
}

// start is a start of the program, which finds what the others have left.
func (s *runs) start(t *testing.T) *reporter.Reporter {
	t.Helper()
	r, err := lifetime.LookBack(s.config)
	require.NoError(t, err)
	return r
}

// TestManyRuns: whatever the ends are, and however many start at the same time, what a
// server counts are exactly the ends. With SENTRY_STRESS=1, of 10,000 runs.
func TestManyRuns(t *testing.T) {
	t.Parallel()
	number := 300
	if os.Getenv("SENTRY_STRESS") != "" {
		number = 10_000
	}
	server := sentrytest.NewServer(t)
	s := &runs{dir: filepath.Join(t.TempDir(), "spool"), random: rand.New(rand.NewPCG(1, 2)), want: map[string]int{}}
	require.NoError(t, os.Mkdir(s.dir, 0o700))
	s.config = lifetime.Config{Reporter: reporter.Config{
		DSN: server.DSN(), Release: "app@1.0.0", Environment: "test", ReleaseHealth: true,
		FlushTimeout: time.Minute, Logger: slog.New(slog.DiscardHandler), Frames: noFrames{},
	}}
	s.config.KeepSpool(s.dir)
	const atOnce = 20 // fewer than a store keeps of the dead
	for begun := 0; begun < number; begun += atOnce {
		r, err := reporter.New(s.config.Reporter)
		require.NoError(t, err)
		for range atOnce {
			s.one(t, r)
		}
		if s.random.IntN(2) == 0 {
			require.NoError(t, r.Finish(time.Minute))
		}
		_ = r.Close() // what is left waits in the spool
		var starts sync.WaitGroup
		for range 2 {
			starts.Go(func() {
				next := s.start(t)
				_ = next.Finish(time.Minute)
				_ = next.Close()
			})
		}
		starts.Wait()
	}
	last := s.start(t)
	require.NoError(t, last.Flush(time.Minute))
	last.Close()
	require.Equal(t, s.want, counts(t, server.Sessions()))
}

// counts are what a server makes of the updates: it has of each session the last.
func counts(t *testing.T, updates []sentrytest.Session) map[string]int {
	t.Helper()
	last, inits, seen := map[string]sentrytest.Session{}, map[string]int{}, map[sentrytest.Session]bool{}
	for _, u := range updates {
		if seen[u] {
			continue // Close broke off an attempt that had arrived
		}
		seen[u] = true
		if u.Init {
			inits[u.ID]++
		}
		if l, ok := last[u.ID]; !ok || u.Sequence > l.Sequence {
			last[u.ID] = u
		} else if u.Sequence == l.Sequence {
			require.Equal(t, l, u, "two ends of one run")
		}
	}
	all := map[string]int{}
	for id, u := range last {
		require.Equal(t, 1, inits[id], "each session begins once")
		if u.Status == "exited" && u.Errors > 0 {
			u.Status = "errored"
		}
		all[u.Status]++
	}
	return all
}
