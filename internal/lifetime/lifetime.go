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
	"cmp"
	"errors"
	"os"
	"sync/atomic"
	"time"

	"github.com/panicreport/sentry/internal/gate"
	"github.com/panicreport/sentry/internal/monitor"
	"github.com/panicreport/sentry/internal/panics"
	"github.com/panicreport/sentry/internal/reporter"
)

// Config is what the application has asked for.
type Config struct {
	Reporter    reporter.Config
	ExitReports bool // a supervisor reports an exit status that is not 0, too

	parts
}

var errNobodyWaits = errors.New("WithExitReports: nobody learns the exit status: add WithSupervisor")

var (
	// current is the life of this process, nil while reporting is off.
	current atomic.Pointer[life]

	// order keeps Begin and End apart: whoever has put something into it is at work.
	// Reporting never takes it.
	order = make(chan struct{}, 1)

	// initialised is set by the first Begin: what it started, a later one can not
	// turn into a supervisor.
	initialised atomic.Bool
)

// now is the life of this process, nil while reporting is off.
func now() life {
	if l := current.Load(); l != nil {
		return *l
	}
	return nil
}

// orderWait is how long Begin and End wait for each other, beyond two flush timeouts:
// what they do to the disk, and the wait of a crash loop, are bounded by less. Without
// a bound, a log handler that calls Close while Init logs would wait for itself.
const orderWait = 15 * time.Second

var (
	errAsking = errors.New("called by the function of WithConsent, which decides by what it returns")
	errBusy   = errors.New("another Init or Close does not come to its end")
)

// takeOrder waits for those who have the order, atLeast so long. On an error, nobody has to give it back.
func takeOrder(atLeast time.Duration) error {
	select {
	case order <- struct{}{}:
		return nil
	default:
	}
	wait := atLeast
	if l := now(); l != nil {
		wait += 2 * l.of().FlushTimeout()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case order <- struct{}{}:
		return nil
	case <-timer.C:
		return errBusy
	}
}

func giveOrder() { <-order }

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
	if gate.IsAsking() {
		invalid = errors.Join(invalid, errAsking)
	}
	if invalid != nil {
		return invalid
	}
	r, err := reporter.New(c.Reporter) // calls the application: no lock is held
	if err != nil {
		return err
	}
	var next life
	if r != nil {
		next = c.lifeOf(c, r)
		if err := next.startMonitor(c, first); err != nil {
			_ = r.Close() // it has had nothing to do
			return err
		}
	}
	if err := takeOrder(orderWait); err != nil {
		if next != nil {
			next.end()
			r.Close()
		}
		return err
	}
	defer giveOrder()
	former := now()
	if next != nil {
		next.begin(former) // before anybody else knows of next
	}
	install(next)
	if former != nil {
		if next == nil || !next.isSeen() {
			reporter.Ledger().Attach(nil)
		}
		former.giveWay(next)
	}
	if next != nil {
		next.catchUp()
	}
	return nil
}

// takeRole is where the second process of a monitor ends. If its Init does not ask
// for a monitor, whatever the reason, nothing more of the program must happen
// there a second time.
func takeRole(c Config) {
	monitor.Arrived()
	switch role := monitor.OwnRole(); {
	case role == monitor.Stray:
		monitor.StopStray()
	case role != monitor.Launcher && role != monitor.Monitor:
	case !c.HasMonitor():
		os.Exit(1) // the program hears that there is no monitor
	default:
		c.second.become(c, role)
	}
}

// End waits for what is to be reported, at most the flush timeout, and switches
// reporting off. An error says what was not accepted.
func End() error {
	if gate.IsAsking() {
		return errAsking // what holds the order may wait for this
	}
	if err := takeOrder(orderWait); err != nil {
		return err
	}
	defer giveOrder()
	l := now()
	if l == nil {
		return nil
	}
	r := l.of()
	unwinding := panics.Unwinding()
	wait := r.FlushTimeout()
	if unwinding {
		wait = r.LeftOfPanic()
	}
	if !unwinding {
		l.endSession()
	}
	others := r.Finish(wait)
	install(nil)
	if !unwinding {
		reporter.Ledger().Attach(nil)
		l.end()
	}
	return cmp.Or(r.Close(), others)
}

// install puts next in the place of the life at work.
func install(next life) {
	if next == nil {
		current.Store(nil)
		reporter.Install(nil)
	} else {
		current.Store(&next)
		reporter.Install(next.of())
	}
}

// CrashedBefore tells whether the run before this process ended in a crash. It is
// false without a spool, and while reporting is off.
func CrashedBefore() bool {
	l := now()
	return l != nil && l.crashedBefore()
}
