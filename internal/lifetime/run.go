package lifetime

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/ledger"
	"github.com/panicreport/sentry/internal/monitor"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/vitals"
)

// A run is this process under one configuration, and how its death is seen.
type run struct {
	reporter *reporter.Reporter
	log      contain.Logger
	store    *spool.Store // nil without a spool
	dir      string       // that of store
	private  private

	previous lastRun
	dead     []*ended      // whose end is to be reported
	vitals   vitals.Vitals // at the start
	began    time.Time
	watch    watch        // nil without a monitor
	waiter   monitor.Peer // the supervisor, zero without one
	id       string       // for the monitor, where there is no mark
	stop     func()       // to look after the directory
	tally    tally

	mu    sync.Mutex          // of what changes the way
	way   atomic.Pointer[way] // nil before begin, and after the end
	ended bool
}

// A watch is a *monitor.Watch.
type watch interface {
	TakeCrashOutput() error
	Tell(state []byte) error
	Note(number int, note []byte) error
	Close()
}

// lastRun is how the run before this one ended; zero for well.
type lastRun struct {
	crashed bool
	ran     time.Duration
	started time.Time
}

func newLife(c Config, r *reporter.Reporter) life { return newRun(c, r) }

func newRun(c Config, r *reporter.Reporter) *run {
	next := &run{
		reporter: r,
		log:      r.Log(),
		dir:      c.Reporter.Spool(),
		private: private{
			DSN:             c.Reporter.DSN,
			WithoutMessages: c.Reporter.WithoutMessages,
			OwnWords:        c.Reporter.HasOwnWords(),
			SensitiveKeys:   c.Reporter.SensitiveKeys,
		},
		id:    string(event.NewID()),
		tally: tally{wanted: c.Reporter.ReleaseHealth && r.Store() != nil},
		stop:  func() {},
	}
	if r.Store() != nil {
		next.store = reporter.Directory(r)
	}
	return next
}

// startMonitor starts the second process.
func (r *run) startMonitor(c Config, first bool) error {
	if c.second == nil {
		return nil
	}
	return c.second.start(r, c, first)
}

func (r *run) of() *reporter.Reporter { return r.reporter }

func (r *run) crashedBefore() bool { return r.previous.crashed }

// begin begins a run, and sees to it that its death is seen. After a further Init,
// the last run is still the one before this process.
func (r *run) begin(before life) {
	if r.store == nil && r.watch == nil {
		return
	}
	former, _ := before.(*run)
	if !r.reporter.Allows() {
		r.reporter.Forget()
		r.end()
		return
	}
	r.vitals, r.began = vitals.Read(), time.Now()
	if r.store != nil {
		r.lookBack(former)
	}
	r.tally.begin(r.reporter, former)
	r.mu.Lock()
	r.beSeen()
	r.tellBegin()
	r.mu.Unlock()
	if r.store != nil {
		r.stop = onCollection(func() { r.reporter.Look(vitals.Read()); r.lookAfter(); r.lookForRoom() })
	}
	r.reporter.SetWitness(reporter.Witness{
		Sends:   r.hasFile() && r.watch != nil,
		Tagged:  r.tagged,
		Forget:  r.end,
		Touched: r.lookAfter,
	})
}

// tellBegin tells that the run has begun. The mark is on disk before, so that whoever
// finds it dead can tell of its end, and says after, that he need not tell of its begin.
func (r *run) tellBegin() {
	if !r.tally.untold {
		return
	}
	r.reporter.Health().Begin(*r.tally.session)
	r.tally.untold = false
	if w := r.way.Load(); w != nil && w.mark != nil {
		r.log.Spool(w.mark.SetMeta(r.program()))
	}
}

// lookBack looks how the last run ended, and claims what is to be reported.
func (r *run) lookBack(former *run) {
	if former != nil && former.dir == r.dir {
		r.previous.crashed = former.previous.crashed
		r.previous.ran = crashLoopRun // the former has waited, if that was called for
	}
	dead, err := r.store.DeadRuns()
	r.log.Spool(err)
	for _, d := range examine(dead, r.vitals) { // the oldest first
		if d.isWaitedFor(r.vitals) {
			d.Release()
			continue
		}
		r.previous = lastRun{crashed: d.verdict().Status == ending.Crashed, ran: d.Ran, started: d.Started}
		if !d.Crashed {
			r.previous.ran = max(d.Ran, crashLoopRun) // nobody has seen when it ended
		}
		if d.tells() {
			r.dead = append(r.dead, d)
		} else {
			r.log.Spool(d.Remove())
		}
	}
}

// program is what must be known of this process to report its death.
func (r *run) program() []byte {
	doc, _ := json.Marshal(r.memo()) // of strings and numbers
	return doc
}

func (r *run) memo() memo {
	return memo{Program: r.reporter.Program(), Vitals: &r.vitals, Waiter: r.waiter, Session: r.tally.session, Untold: r.tally.untold, Closed: r.tally.closed}
}

// Note writes down a note of the ledger.
func (r *run) Note(number int, note []byte) {
	switch w := r.way.Load(); {
	case w == nil:
	case w.mark != nil:
		r.log.Spool(w.mark.Note(int64(number)*ledger.NoteLen, note))
	default:
		r.gone(r.watch.Note(number, note))
	}
}

// tagged writes down that the tags of the process have changed.
func (r *run) tagged() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.way.Load(); w != nil {
		if w.mark != nil {
			r.log.Spool(w.mark.SetMeta(r.program()))
		}
		r.tell()
	}
}

// tell tells the monitor what it has to know.
func (r *run) tell() {
	if r.watch == nil {
		return
	}
	t := told{Run: r.id, Began: r.began, Program: r.reporter.Program(), Vitals: r.vitals, private: r.private}
	if w := r.way.Load(); w.mark != nil {
		dir, _ := filepath.Abs(r.dir) // as the store has done
		t.Run, t.Spool = w.mark.ID(), dir
	}
	doc, _ := json.Marshal(t) // of strings
	r.gone(r.watch.Tell(doc))
}

func (r *run) gone(err error) {
	if err != nil && !errors.Is(err, os.ErrClosed) {
		r.log.Warn("sentry: the crash monitor is gone", "reason", err.Error())
	}
}

// end marks a clean end: nobody has to report anything.
func (r *run) end() {
	r.stop()
	w := r.leaveWay()
	if w != nil {
		leaveNothing()
		r.endMark(w)
	}
	r.sayFarewell()
}

// sayFarewell tells the monitor that there is nothing to watch any more.
func (r *run) sayFarewell() {
	if r.watch != nil {
		doc, _ := json.Marshal(told{}) // of strings
		_ = r.watch.Tell(doc)          // who is not there needs none
		r.watch.Close()
	}
}

// endMark removes what marks this run.
func (r *run) endMark(w *way) {
	if w.mark != nil {
		r.log.Spool(w.mark.End())
	}
}

// endSession tells that the run has ended well. If the process dies before that is on
// disk, the mark says so.
func (r *run) endSession() {
	r.mu.Lock()
	end := r.tally.close()
	if w := r.way.Load(); end != nil && w != nil && w.mark != nil {
		r.log.Spool(w.mark.SetMeta(r.program()))
	}
	r.mu.Unlock()
	if end != nil {
		r.reporter.Health().TellRequests()
		r.reporter.Health().End(*r.tally.session, *end)
	}
}

// giveWay ends a run that another has replaced, while the process goes on.
func (r *run) giveWay(to life) {
	if next, ok := to.(*run); !ok || next.tally.session != r.tally.session {
		r.endSession()
	}
	others := r.reporter.Finish(r.reporter.FlushTimeout())
	r.stop()
	w := r.leaveWay()
	if w != nil {
		r.endMark(w) // the process goes on under another mark
		if to == nil || !to.isSeen() {
			leaveNothing()
		}
	}
	r.sayFarewell()
	closeReplaced(r.reporter, others)
}

// catchUp sends what earlier runs have left. In a crash loop, it waits for it.
func (r *run) catchUp() {
	if r.store == nil || !r.reporter.Allows() {
		return
	}
	before := earlier{r.reporter, r.store}
	loop := before.isCrashLoop(r.previous)
	r.reporter.Resume()
	if len(r.dead) > 0 {
		r.reporter.While(func() { before.reportAll(r.dead) })
	}
	if loop {
		ctx, cancel := context.WithTimeout(context.Background(), crashLoopWait)
		defer cancel()
		r.reporter.Wait(ctx)
	}
}
