package lifetime

import (
	"io"
	"os"
	"slices"
	"time"

	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/folder"
	"github.com/panicreport/sentry/internal/ledger"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/traceback"
	"github.com/panicreport/sentry/internal/vitals"
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

// The bounds of what one start reports. A store keeps 300 runs that have crashed; a
// crash text has some kilobytes, and those of 100,000 goroutines have 64 MiB. Beyond
// that somebody has planted them, and the next start goes on.
const (
	maxDeaths     = 300
	maxCrashTexts = 256 << 20 // bytes
)

// reportAll reports the ends of dead runs, and of older ones that the store has
// not handed out yet.
func (e earlier) reportAll(dead []*ended) {
	deaths, size := 0, int64(0)
	for ; len(dead) > 0; dead = e.endedBefore(dead[0].Started) {
		for _, d := range dead {
			if deaths == maxDeaths || size > maxCrashTexts {
				d.Release()
				continue
			}
			deaths++
			size += min(d.CrashSize, maxCrashText)
			e.report(d, "the next start", d.Remove)
		}
		if deaths == maxDeaths || size > maxCrashTexts {
			return
		}
	}
}

// endedBefore claims the next runs with something to report, if there were more than
// the store hands out at once. Newer ones have died meanwhile, or could not be
// reported: they are for the next start.
func (e earlier) endedBefore(began time.Time) (tell []*ended) {
	dead, err := e.store.DeadRuns()
	e.reporter.Log().Spool(err)
	now := vitals.Read()
	for _, d := range examine(dead, now) {
		switch {
		case e.reporter.IsClosed() || !d.Started.Before(began) || d.isWaitedFor(now):
			d.Release()
		case d.tells():
			tell = append(tell, d)
		default:
			e.reporter.Log().Spool(d.Remove())
		}
	}
	return tell
}

// report reports the end of a run that died before, and gives it up.
func (e earlier) report(d *ended, seenBy string, done func() error) {
	defer d.Release() // in the end: what was not removed is for the next start
	if e.reporter.IsClosed() {
		return
	}
	if !d.Crashed {
		v := d.verdict()
		if v.Title == "" || e.reporter.Ending(d.event(v, seenBy)) {
			e.count(d, v.Status, time.Now())
			e.reporter.Log().Spool(done())
		}
		return
	}
	death, notes, err := deathOf(d.DeadRun)
	death.Of, death.Last, death.SeenBy = d.memo.Program, d.last, seenBy
	if d.how != nil {
		death.Stderr = d.how.Words
	}
	switch {
	case folder.Ordinary(err): // marked as crashed, and reported by then; or not of this library
	case err != nil: // of a disk that hangs, or for want of a descriptor: the next start may be luckier
		e.reporter.Log().Spool(err)
		return
	case !e.reporter.Death(death, notes):
		return
	default:
		e.count(d, ending.Crashed, death.At)
	}
	e.reporter.Log().Spool(done())
}

// count tells how a run has ended, for the health of its release.
func (e earlier) count(d *ended, status ending.Status, at time.Time) {
	switch s, health := d.memo.Session, e.reporter.Health(); {
	case s == nil:
	case d.memo.Untold:
		health.EndUntold(*s, d.end(status, at))
	default:
		health.End(*s, d.end(status, at))
	}
}

// deathOf reads the crash text of a dead run.
func deathOf(d *spool.DeadRun) (death event.Death, notes ledger.Notes, err error) {
	file, err := d.OpenCrashFile()
	if err != nil {
		return death, notes, err
	}
	defer file.Close()
	death = event.Death{Run: d.ID, Began: d.Started}
	written, err := d.Notes()
	if err != nil {
		return death, notes, err // without them, a panic would be reported twice
	}
	return death, ledger.Read(written), readCrash(&death, file)
}

// maxCrashText is how much of a crash text is read, in bytes: some 100,000
// goroutines. The runtime writes what there is, and a file may have been planted.
const maxCrashText = 64 << 20

// readCrash reads the crash text of a death from its file.
func readCrash(death *event.Death, file *os.File) (err error) {
	death.At = time.Now()
	text := &io.LimitedReader{R: file, N: maxCrashText}
	if info, err := file.Stat(); err == nil {
		death.At = info.ModTime()
		death.Cut = info.Size() > maxCrashText
	}
	death.Dump, err = traceback.Parse(text)
	return err
}
