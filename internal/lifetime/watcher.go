package lifetime

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/ledger"
	"github.com/panicreport/sentry/internal/monitor"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/traceback"
	"github.com/panicreport/sentry/internal/vitals"
)

const (
	// monitorWait is how long a monitor without a spool tries to send: eight
	// attempts.
	monitorWait = 90 * time.Second

	// senders monitors of one program send at a time, and waiters of them wait for a
	// server that fails: each is a process of some 10 MB. A program that crashes all
	// the time, in front of a server that does not answer, would have hundreds. The
	// others wait for a place for placeWait: while the server answers, one is free
	// soon.
	senders   = 32
	waiters   = 4
	placeWait = 3 * time.Second

	// looks is how often a monitor looks for what others have left in the spool.
	looks = 3

	// claimWait bounds the time that the kernel takes to close the files of a
	// dead process, one after the other: its mark may be later than the pipe.
	claimWait  = 10 * time.Second
	claimPause = 5 * time.Millisecond
)

// become is where a launcher or a monitor ends.
func become(c Config, role monitor.Role) {
	if role == monitor.Launcher {
		monitor.Launch()
	}
	serve(c)
}

// supervised is set once the program has told its supervisor of itself: a further
// Init has a monitor of its own.
var supervised atomic.Bool

// startMonitor starts the second process. If it can not be started, that is an
// error without a spool: nothing else would see a death then.
func startMonitor(of life, c Config, first bool) error {
	r := of.(*run)
	start := monitor.Start
	role := monitor.OwnRole()
	if role == monitor.Supervised && supervised.CompareAndSwap(false, true) {
		start = func(func(error)) (*monitor.Watch, error) { return monitor.Attach() }
		r.waiter = monitor.Parent()
	} else if role == monitor.Program && (c.second.supervises || os.Getpid() == 1) && first {
		err := supervise(c) // returns only if it can not
		r.log.Warn("sentry: there is no supervisor", "reason", err.Error())
	}
	failed := func(err error) { r.log.Warn("sentry: there is no crash monitor", "reason", err.Error()) }
	w, err := start(failed)
	if err == nil {
		r.watch = w
		return nil
	}
	if r.store == nil {
		return fmt.Errorf("WithCrashMonitor: %w: WithSpool reports crashes at the next start", err)
	}
	failed(err)
	return nil
}

// serve reports what the program tells at its end. It does not return.
func serve(c Config) {
	defer os.Exit(0)
	defer contain.Panic()
	monitor.Settle()
	w := &watcher{config: c, seenBy: "the monitor", wait: monitorWait}
	out, err := monitor.Open(monitor.Pipe(), w.hear)
	if err != nil {
		return
	}
	w.read(out) // until the program has ended
	monitor.Obey()
	w.report((*watcher).leave)
}

// supervise lets the program run as a child of this process, which reports its
// death and ends as it did. When PID 1 of a container dies, the kernel kills all
// others in it: no monitor would outlive it.
func supervise(c Config) error {
	w := &watcher{config: c, seenBy: "the supervisor", wait: c.Reporter.FlushTimeout}
	return monitor.Supervise(w.hear, w.read, func(how monitor.Ended) {
		w.how = &how
		w.report((*watcher).stay)
	})
}

// A watcher is this process while it watches over another one.
type watcher struct {
	config Config
	seenBy string
	wait   time.Duration // for the server

	told  told            // by the program
	files *spool.Watched  // of the program; nil without a spool
	dump  *traceback.Dump // of what the pipe had
	notes []byte          // the same
	how   *monitor.Ended  // nil for a monitor, which can not wait for it

	counted bool // the end of a session was told
}

// hear takes what the program tells, while it lives.
func (w *watcher) hear(state []byte) {
	var t told
	if json.Unmarshal(state, &t) != nil {
		return
	}
	if t.Run != w.told.Run && t.Spool != "" {
		w.open(t)
	}
	w.told = t
}

// open opens the files of the program: somebody may remove the directory.
func (w *watcher) open(t told) {
	if w.files != nil {
		w.files.Close()
		w.files = nil
	}
	if store, err := spool.New(t.Spool, spool.Options{}); err == nil {
		w.files, _ = store.Watch(t.Run)
	}
}

// read reads the pipe to its end.
func (w *watcher) read(out *monitor.Output) {
	w.dump, _ = traceback.Parse(out)
	w.notes = out.Notes()
}

// report tells how the program has ended, and delivers that.
func (w *watcher) report(deliver func(w *watcher, ctx context.Context, r *reporter.Reporter, crashed bool)) {
	defer contain.Panic()
	if w.told.Run == "" {
		return // it did not come to Init, or not to this library's
	}
	c := w.config.Reporter
	c.DSN, c.FlushTimeout = w.told.DSN, w.wait
	c.WithoutMessages, c.SensitiveKeys = w.told.WithoutMessages, w.told.SensitiveKeys
	c.UseSpool(w.told.Spool)
	c.KeepOwnWords(w.told.OwnWords)
	r, err := reporter.New(c)
	if err != nil || r == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), w.wait)
	defer cancel()
	conclude := w.concludePipe
	if c.HasSpool() {
		r.StoreOnly()
		conclude = w.concludeRun
	}
	deliver(w, ctx, r, conclude(r))
}

// stay waits for the server, if there was a crash: the supervisor ends as the program
// did. For the end of a session it waits, too, unless the server fails: the disk of a
// container may end with it.
func (w *watcher) stay(ctx context.Context, r *reporter.Reporter, crashed bool) {
	r.Resume()
	switch {
	case crashed:
		r.Wait(ctx)
	case w.counted:
		r.WaitUnlessFailing(ctx)
	}
	_ = r.Close() // the logger knows
}

// leave waits for the server, and leaves to the spool what that does not take: the
// next start sends it, or another monitor that is sending. A few monitors wait for
// longer with what is in no spool.
func (w *watcher) leave(ctx context.Context, r *reporter.Reporter, crashed bool) {
	defer func() { _ = r.Close() }() // the logger knows
	if !takePlace() {
		return
	}
	unsafe := false
	for range looks {
		r.Resume()
		unsafe = r.WaitUnlessFailing(ctx)
	}
	if unsafe && monitor.TakePlace("wait", waiters) {
		r.Wait(ctx)
	}
}

// takePlace waits for one of the places of those that send.
func takePlace() bool {
	for deadline := time.Now().Add(placeWait); time.Now().Before(deadline); time.Sleep(claimPause) {
		if monitor.TakePlace("send", senders) {
			return true
		}
	}
	return false
}

// words are the runtime's own for a fatal error, if they were heard.
func (w *watcher) words() string {
	if w.how == nil {
		return ""
	}
	return w.how.Words
}

// concludePipe reports what the pipe had, or how the program has ended without, and
// tells whether that was a crash.
func (w *watcher) concludePipe(r *reporter.Reporter) (crashed bool) {
	d := w.dump
	if d == nil || d.Kind == traceback.Unknown && d.Unread.Lines == 0 && len(d.Goroutines) == 0 {
		e := &ended{memo: memo{Program: w.told.Program, Vitals: &w.told.Vitals}, how: w.how, exits: w.config.ExitReports}
		return w.concludeEnd(r, e)
	}
	r.Death(event.Death{
		Run: w.told.Run, Began: w.told.Began, Of: w.told.Program, At: time.Now(), Dump: d, Stderr: w.words(), SeenBy: w.seenBy,
	}, ledger.Read(w.notes))
	return true
}

// concludeEnd reports an end without a crash text and without a spool.
func (w *watcher) concludeEnd(r *reporter.Reporter, e *ended) (crashed bool) {
	e.findKill(vitals.Read())
	v := e.verdict()
	if v.Title == "" {
		return false
	}
	end := e.event(v, w.seenBy)
	end.Run, end.Began, end.Ran = w.told.Run, w.told.Began, time.Since(w.told.Began)
	r.Ending(end)
	return true
}

// concludeRun reports the death of the run that the program has marked in its
// spool. It tells whether it died of a crash.
func (w *watcher) concludeRun(r *reporter.Reporter) (crashed bool) {
	for deadline := time.Now().Add(claimWait); time.Now().Before(deadline); time.Sleep(claimPause) {
		d, held, err := reporter.Directory(r).DeadRun(w.told.Run)
		switch {
		case held:
			continue
		case err != nil || d == nil: // a clean end, or another start was faster
			return w.concludeAway(r)
		}
		defer d.Release()
		return w.concludeDead(r, d)
	}
	return false
}

// concludeDead reports the death of a run that is claimed.
func (w *watcher) concludeDead(r *reporter.Reporter, d *spool.DeadRun) (crashed bool) {
	e := examine([]*spool.DeadRun{d}, vitals.Vitals{})[0]
	e.how, e.exits = w.how, w.config.ExitReports
	if !d.Crashed {
		e.findKill(vitals.Read())
		d.Ran = time.Since(d.Started)
	}
	crashed, w.counted = e.verdict().Status == ending.Crashed, e.memo.Session != nil
	switch {
	case crashed:
		earlier{r, reporter.Directory(r)}.report(e, w.seenBy, d.Reported)
	case w.how != nil || e.tells(): // the next start knows less, and could only guess
		earlier{r, reporter.Directory(r)}.report(e, w.seenBy, d.Remove)
	}
	return crashed
}

// concludeAway reports the death of a run whose directory somebody has removed.
func (w *watcher) concludeAway(r *reporter.Reporter) (crashed bool) {
	if w.files == nil || !w.files.IsAway() {
		return false
	}
	death := event.Death{Run: w.told.Run, Began: w.told.Began, Of: w.told.Program, Stderr: w.words(), SeenBy: w.seenBy}
	if err := readCrash(&death, w.files.CrashFile()); err != nil || !death.Tells() {
		return false
	}
	r.Death(death, ledger.Read(w.files.Notes()))
	return true
}
