package lifetime

import (
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/traceback"
)

// Bounds of a crash loop, in which a program does not live long enough to send
// what it has stored: it then waits at its start.
const (
	crashLoopRun  = 2 * time.Second
	crashLoopWait = 5 * time.Second
)

// earlier are the runs of a store that have ended.
type earlier struct {
	reporter *reporter.Reporter
	store    *spool.Store
}

// isCrashLoop tells whether the last run crashed soon after its start. A guard
// may have held the panic until the server answered, or did not: then the end
// of the run is late, but its report was early.
func (e earlier) isCrashLoop(last lastRun) bool {
	if !last.crashed || last.ran < crashLoopRun {
		return last.crashed
	}
	stored, err := e.store.List()
	e.reporter.Log().Spool(err)
	return slices.ContainsFunc(stored, func(i spool.Info) bool {
		after := i.Created.Sub(last.started)
		return after >= 0 && after < crashLoopRun
	})
}

// reportAll reports the crashes of dead runs, and of older ones that the store has
// not handed out yet.
func (e earlier) reportAll(dead []*spool.DeadRun) {
	for ; len(dead) > 0; dead = e.crashedBefore(dead[0].Started) {
		for _, d := range dead {
			e.report(d, "", "the next start", d.Remove)
		}
	}
}

// crashedBefore claims the next runs that crashed, if there were more than the
// store hands out at once. Newer ones have died meanwhile, or could not be
// reported: they are for the next start.
func (e earlier) crashedBefore(began time.Time) (crashed []*spool.DeadRun) {
	dead, err := e.store.DeadRuns()
	e.reporter.Log().Spool(err)
	for _, d := range dead {
		switch {
		case e.reporter.IsClosed() || !d.Started.Before(began):
			d.Release()
		case d.Crashed:
			crashed = append(crashed, d)
		default:
			e.reporter.Log().Spool(d.Remove())
		}
	}
	return crashed
}

// report reports the crash of a run that died before, and gives it up. stderr is
// the runtime's own reason for a fatal error, if it was seen.
func (e earlier) report(d *spool.DeadRun, stderr, seenBy string, done func() error) {
	defer d.Release() // in the end: what was not removed is for the next start
	if e.reporter.IsClosed() {
		return
	}
	death, told, err := deathOf(d)
	death.Stderr, death.SeenBy = stderr, seenBy
	switch {
	case errors.Is(err, fs.ErrNotExist): // marked as crashed, and reported by then
	case err != nil:
		e.reporter.Log().Spool(err)
	case !e.reporter.Death(death, told.State):
		return
	}
	e.reporter.Log().Spool(done())
}

// deathOf reads the crash text of a dead run.
func deathOf(d *spool.DeadRun) (death event.Death, words lastWords, err error) {
	file, err := d.OpenCrashFile()
	if err != nil {
		return death, words, err
	}
	defer file.Close()
	death = event.Death{Run: d.ID, Began: d.Started, At: time.Now()}
	if info, err := file.Stat(); err == nil {
		death.At = info.ModTime()
	}
	_ = json.Unmarshal(d.Meta, &words) // without them, it is still a crash
	death.Of = words.Program
	death.Dump, err = traceback.Parse(file)
	return death, words, err
}
