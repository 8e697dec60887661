package lifetime

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/monitor"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/traceback"
)

const (
	// monitorWait is how long a monitor tries to send: four attempts.
	monitorWait = 90 * time.Second

	// claimWait bounds the time that the kernel takes to close the files of a
	// dead process, one after the other: its mark may be later than the pipe.
	claimWait  = 10 * time.Second
	claimPause = 5 * time.Millisecond
)

// takeRole is where the second process of a monitor ends. If its Init does not ask
// for a monitor, whatever the reason, nothing more of the program must happen
// there a second time.
func takeRole(c Config) {
	monitor.Arrived()
	switch role := monitor.OwnRole(); {
	case role == monitor.Stray:
		monitor.StopStray()
	case (role == monitor.Launcher || role == monitor.Monitor) && !c.Monitor:
		os.Exit(1) // the program hears that there is no monitor
	case role == monitor.Launcher:
		monitor.Launch()
	case role == monitor.Monitor:
		serve(c)
	}
}

// serve reports what the program tells at its end. It does not return.
func serve(c Config) {
	defer os.Exit(0)
	defer contain.Panic()
	monitor.Settle()
	out, err := monitor.Open(monitor.Pipe())
	if err != nil {
		return
	}
	w := watcher{config: c, seenBy: "the monitor", wait: monitorWait, alone: true}
	w.dump, _ = traceback.Parse(out) // until the program has ended
	monitor.Obey()
	if json.Unmarshal(out.State(), &w.told) == nil {
		w.report()
	}
}

// supervise lets the program run as a child of this process, which reports its
// death and ends as it did. When PID 1 of a container dies, the kernel kills all
// others in it: no monitor would outlive it.
func supervise(c Config) error {
	w := watcher{config: c, seenBy: "the supervisor", wait: c.Reporter.FlushTimeout}
	return monitor.Supervise(func(out *monitor.Output) {
		w.dump, _ = traceback.Parse(out)
		_ = json.Unmarshal(out.State(), &w.told)
	}, func(stderr string) {
		w.stderr = stderr
		w.report()
	})
}

// A watcher is this process while it watches over another one.
type watcher struct {
	config Config
	seenBy string
	wait   time.Duration // for the server
	alone  bool          // it is here for nothing else, and nobody waits for it

	told   told            // by the program
	dump   *traceback.Dump // of what the pipe had
	stderr string          // the last "fatal error: …" on standard error
}

// report tells how the program has ended. It waits for the server if that was a
// crash, or if nobody waits for this process.
func (w *watcher) report() {
	defer contain.Panic()
	if w.told.Run == "" {
		return // it did not come to Init, or not to this library's
	}
	c := w.config.Reporter
	c.Spool, c.DSN, c.FlushTimeout = w.told.Spool, w.told.DSN, w.wait
	c.WithoutMessages, c.SensitiveKeys = w.told.WithoutMessages, w.told.SensitiveKeys
	r, err := reporter.New(c)
	if err != nil || r == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), w.wait)
	defer cancel()
	conclude := w.concludePipe
	if w.told.Spool != "" {
		conclude = w.concludeRun
	}
	if crashed := conclude(r); crashed || w.alone {
		r.Wait(ctx)
	}
}

// concludePipe reports what the pipe had, and tells whether that was a crash.
func (w *watcher) concludePipe(r *reporter.Reporter) (crashed bool) {
	d := w.dump
	if d == nil || d.Kind == traceback.Unknown && d.Unread.Lines == 0 && len(d.Goroutines) == 0 {
		return false
	}
	var words lastWords
	_ = json.Unmarshal(w.told.Words, &words)
	r.Death(event.Death{
		Run: w.told.Run, Of: words.Program, At: time.Now(), Dump: d, Stderr: w.stderr, SeenBy: w.seenBy,
	}, words.State)
	return true
}

// concludeRun reports the death of the run that the program has marked in its
// spool, and what the program could not send any more. It tells whether it died of
// a crash.
func (w *watcher) concludeRun(r *reporter.Reporter) (crashed bool) {
	for deadline := time.Now().Add(claimWait); time.Now().Before(deadline); time.Sleep(claimPause) {
		d, held, err := r.Store().DeadRun(w.told.Run)
		switch {
		case held:
			continue
		case err != nil || d == nil: // a clean end, or another start was faster
			return false
		case d.Crashed:
			earlier{r, r.Store()}.report(d, w.stderr, w.seenBy, d.Reported)
		}
		d.Release()
		r.Resume()
		return d.Crashed
	}
	return false
}
