package lifetime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/ledger"
	"github.com/panicreport/sentry/internal/monitor"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/spool"
)

// A run is this process under one configuration, and how its death is seen. The
// methods that are called at Init may be called on nil, for silence.
type run struct {
	reporter *reporter.Reporter
	log      contain.Logger
	store    *spool.Store // nil without a spool
	dir      string       // that of store
	private  private

	mark     *spool.Run // nil without a spool, or a disk
	previous lastRun
	dead     []*spool.DeadRun // whose crash is to be reported
	watch    *monitor.Watch   // nil without a monitor
	id       string           // for the monitor, if there is no mark
	file     bool             // the crash text goes to the file of mark
	pipe     bool             // the crash text goes to watch

	telling sync.Mutex // of remember
}

// lastRun is how the run before this one ended; zero for well.
type lastRun struct {
	crashed bool
	ran     time.Duration
	started time.Time
}

// lastWords is what must be known of a run to report its death from outside: JSON
// in its mark, or in what the monitor is told.
type lastWords struct {
	event.Program
	ledger.State
}

// private is what a further Init may have changed of who may know what: the
// monitor has come to the first.
type private struct {
	DSN             string   `json:"dsn"`
	WithoutMessages bool     `json:"without_messages,omitempty"`
	SensitiveKeys   []string `json:"sensitive_keys,omitempty"`
}

// told is what a monitor has to know. With a spool, the last words are in the
// mark of the run, with the crash text beside it.
type told struct {
	Run   string          `json:"run"`
	Spool string          `json:"spool,omitempty"`
	Words json.RawMessage `json:"words,omitempty"`
	private
}

func newRun(c Config, r *reporter.Reporter) *run {
	return &run{
		reporter: r,
		log:      r.Log(),
		store:    r.Store(),
		dir:      c.Reporter.Spool,
		private: private{
			DSN:             c.Reporter.DSN,
			WithoutMessages: c.Reporter.WithoutMessages,
			SensitiveKeys:   c.Reporter.SensitiveKeys,
		},
	}
}

// supervised is set once the program has told its supervisor of itself: a further
// Init has a monitor of its own.
var supervised atomic.Bool

// startMonitor starts the second process. If it can not be started, that is an
// error without a spool: nothing else would see a death then.
func (r *run) startMonitor(c Config, first bool) (err error) {
	if !c.Monitor {
		return nil
	}
	start := monitor.Start
	role := monitor.OwnRole()
	if role == monitor.Supervised && supervised.CompareAndSwap(false, true) {
		start = func(func(error)) (*monitor.Watch, error) { return monitor.Attach() }
	} else if role == monitor.Program && (c.Supervisor || os.Getpid() == 1) && first {
		err := supervise(c) // returns only if it can not
		r.log.Warn("sentry: there is no supervisor", "reason", err.Error())
	}
	failed := func(err error) { r.log.Warn("sentry: there is no crash monitor", "reason", err.Error()) }
	if r.watch, err = start(failed); err == nil {
		return nil
	}
	if r.store == nil {
		return fmt.Errorf("WithCrashMonitor: %w: WithSpool reports crashes at the next start", err)
	}
	failed(err)
	return nil
}

// begin begins a run, and sees to it that its death is seen. After a further Init,
// the last run is still the one before this process.
func (r *run) begin(former *run) {
	if r == nil || r.store == nil && r.watch == nil {
		return
	}
	if !r.reporter.Allows() {
		r.reporter.Forget()
		r.end()
		return
	}
	if r.store != nil {
		r.lookBack(former)
		r.beginMark()
	}
	if r.watch != nil {
		r.beginWatch()
	}
	r.reporter.SetWitness(reporter.Witness{
		Reads:   r.file || r.pipe,
		Sends:   r.file && r.watch != nil,
		AtOnce:  r.pipe,
		Changed: r.remember,
		Forget:  r.end,
	})
}

// lookBack looks how the last run ended, and claims what is to be reported.
func (r *run) lookBack(former *run) {
	if former != nil && former.dir == r.dir {
		r.previous.crashed = former.previous.crashed
		r.previous.ran = crashLoopRun // the former has waited, if that was called for
	}
	dead, err := r.store.DeadRuns()
	r.log.Spool(err)
	for _, d := range dead { // the oldest first
		r.previous = lastRun{crashed: d.Crashed, ran: d.Ran, started: d.Started}
		if d.Crashed {
			r.dead = append(r.dead, d)
		} else {
			r.log.Spool(d.Remove())
		}
	}
}

// beginMark marks the begin of this run, and has the crash text written beside
// the mark.
func (r *run) beginMark() {
	var err error
	if r.mark, err = r.store.Begin(r.lastWords()); err != nil {
		r.log.Spool(err)
		return
	}
	file, err := r.mark.CreateCrashFile()
	if err != nil {
		r.log.Spool(err)
		return
	}
	defer file.Close() // the runtime has its own copy
	if err = debug.SetCrashOutput(file, debug.CrashOptions{}); err != nil {
		r.log.Spool(err)
		return
	}
	r.file = true
}

// beginWatch tells the monitor what it is to watch. With a file for the crash
// text, that stays where it goes: whoever kills the monitor, and when, the next
// start has it. The pipe then only tells of the end.
func (r *run) beginWatch() {
	if r.file {
		dir, _ := filepath.Abs(r.dir) // as the store has done
		r.tell(told{Run: r.mark.ID(), Spool: dir})
		return
	}
	r.id = string(event.NewID())
	r.pipe = true
	r.remember()
	if err := r.watch.TakeCrashOutput(); err != nil {
		r.pipe = false
		r.log.Spool(err)
	}
}

// catchUp sends what earlier runs have left. In a crash loop, it waits for it.
func (r *run) catchUp() {
	if r == nil || r.store == nil || !r.reporter.Allows() {
		return
	}
	before := earlier{r.reporter, r.store}
	loop := before.isCrashLoop(r.previous)
	r.reporter.Resume()
	if len(r.dead) > 0 {
		end := r.reporter.Begin()
		go func() {
			defer contain.Panic()
			defer end()
			before.reportAll(r.dead)
		}()
	}
	if loop {
		ctx, cancel := context.WithTimeout(context.Background(), crashLoopWait)
		defer cancel()
		r.reporter.Wait(ctx)
	}
}

// lastWords are those of this moment.
func (r *run) lastWords() []byte {
	doc, _ := json.Marshal(lastWords{r.reporter.Program(), r.reporter.Told()}) // of strings
	return doc
}

// remember writes down what has changed of the last words.
func (r *run) remember() {
	r.telling.Lock()
	defer r.telling.Unlock()
	switch {
	case r.pipe:
		r.tell(told{Run: r.id, Words: r.lastWords()})
	case r.file:
		r.log.Spool(r.mark.SetMeta(r.lastWords()))
	}
}

func (r *run) tell(t told) {
	t.private = r.private
	doc, _ := json.Marshal(t) // of strings
	if err := r.watch.Tell(doc); err != nil && !errors.Is(err, os.ErrClosed) {
		r.log.Warn("sentry: the crash monitor is gone", "reason", err.Error())
	}
}

// end marks a clean end: nobody has to report anything.
func (r *run) end() {
	if r.file || r.pipe {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	}
	if r.mark != nil {
		_ = r.mark.End()
	}
	if r.watch != nil {
		r.watch.Close()
	}
}

// giveWay ends a run that another has replaced, while the process goes on.
func (r *run) giveWay() {
	if r == nil {
		return
	}
	if err := r.reporter.Finish(r.reporter.FlushTimeout()); err != nil {
		r.log.Warn("sentry: replaced before all was sent", "reason", err.Error())
	}
	if r.mark != nil {
		r.log.Spool(r.mark.End()) // the process goes on under another mark
	}
	if next := current.Load(); (r.file || r.pipe) && (next == nil || !next.file && !next.pipe) {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	}
	if r.watch != nil {
		r.watch.Close()
	}
	r.reporter.Close()
}
