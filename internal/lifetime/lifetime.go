// Package lifetime knows the life of this process and of those before it: its
// start and its end, how its death is seen from outside, and which earlier runs
// have died. It brings the deaths to the reporter; the panics that a guard sees
// do not come this way.
//
// A death is seen in one of three ways. With a spool, the runtime writes the crash
// text to a file beside the mark of the run, and the next start reads it. With a
// monitor, a second process reads it, from that file or from a pipe, and reports
// at once. With a supervisor, the first process does that, and the program is its
// child. The second process is the same executable: it comes to [Begin], which
// does not return there.
package lifetime

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"

	"github.com/panicreport/sentry/internal/monitor"
	"github.com/panicreport/sentry/internal/panics"
	"github.com/panicreport/sentry/internal/reporter"
)

// Config is what the application has asked for.
type Config struct {
	Reporter   reporter.Config
	Monitor    bool // a second process watches
	Supervisor bool // the first one does, if there is a monitor

	ExitReports bool // it reports an exit status that is not 0, too
}

var errNobodyWaits = errors.New("WithExitReports: nobody learns the exit status: add WithSupervisor")

// isWaitedFor tells whether a supervisor waits for this process, or is about to. What
// a supervised program starts has none, and is built with the same options.
func (c Config) isWaitedFor() bool {
	return c.Monitor && (c.Supervisor || os.Getpid() == 1 || monitor.OwnRole() != monitor.Program)
}

var (
	// current is the run at work, nil while reporting is off.
	current atomic.Pointer[run]

	// order keeps Begin and End apart. Reporting never takes it.
	order sync.Mutex

	// initialised is set by the first Begin: what it started, a later one can not
	// turn into a supervisor.
	initialised atomic.Bool
)

// Begin reports from here on as c says. invalid is an error of the configuration,
// which Begin returns: the second process, which must not come past this, has
// ended by then. On an error, nothing changes.
func Begin(c Config, invalid error) error {
	first := !initialised.Swap(true)
	if first {
		takeRole(c)
	}
	if c.ExitReports && !c.isWaitedFor() {
		invalid = errors.Join(invalid, errNobodyWaits)
	}
	if invalid != nil {
		return invalid
	}
	r, err := reporter.New(c.Reporter) // calls the application: no lock is held
	if err != nil {
		return err
	}
	var next *run
	if r != nil {
		next = newRun(c, r)
		if err := next.startMonitor(c, first); err != nil {
			r.Close()
			return err
		}
	}
	order.Lock()
	defer order.Unlock()
	next.begin(current.Load()) // before anybody else knows of next
	former := install(next)
	if former != nil && (next == nil || next.way.Load() == nil) {
		reporter.Ledger().Attach(nil)
	}
	former.giveWay()
	next.catchUp()
	return nil
}

// End waits for what is to be reported, at most the flush timeout, and switches
// reporting off. An error says what was not accepted.
func End() error {
	order.Lock()
	defer order.Unlock()
	r := current.Load()
	if r == nil {
		return nil
	}
	unwinding := panics.Unwinding()
	wait := r.reporter.FlushTimeout()
	if unwinding {
		wait = r.reporter.LeftOfPanic()
	}
	if !unwinding {
		r.endSession()
	}
	err := r.reporter.Finish(wait)
	install(nil)
	if !unwinding {
		reporter.Ledger().Attach(nil)
		r.end()
	}
	r.reporter.Close()
	return err
}

// install puts next in the place of the run at work, which it returns.
func install(next *run) (former *run) {
	former = current.Swap(next)
	if next == nil {
		reporter.Install(nil)
	} else {
		reporter.Install(next.reporter)
	}
	return former
}

// CrashedBefore tells whether the run before this process ended in a crash. It is
// false without a spool, and while reporting is off.
func CrashedBefore() bool {
	r := current.Load()
	return r != nil && r.previous.crashed
}
