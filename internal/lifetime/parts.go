package lifetime

import (
	"cmp"
	"os"

	"github.com/panicreport/sentry/internal/monitor"
	"github.com/panicreport/sentry/internal/reporter"
)

// parts are those that not every program has, see reporter.Config: only the option that
// asks for a part names its code.
type parts struct {
	run    func(Config, *reporter.Reporter) life // nil if nobody is to see the end of this process
	second *second                               // nil without a second process
}

// second is how a second process sees that end.
type second struct {
	supervises bool                       // it is the first one
	become     func(Config, monitor.Role) // does not return
	start      func(of life, c Config, first bool) error
}

// KeepSpool keeps reports in the directory dir, and marks there how this process ends.
func (c *Config) KeepSpool(dir string) {
	c.Reporter.UseSpool(dir)
	c.run = newLife
}

// Watch has a second process watch, or if supervise is set, the first one.
func (c *Config) Watch(supervise bool) {
	c.run = newLife
	c.second = &second{supervises: supervise || c.second != nil && c.second.supervises, become: become, start: startMonitor}
}

// HasMonitor tells whether a second process is wanted.
func (p *parts) HasMonitor() bool { return p.second != nil }

// isWaitedFor tells whether a supervisor waits for this process, or is about to. What
// a supervised program starts has none, and is built with the same options.
func (p *parts) isWaitedFor() bool {
	return p.HasMonitor() && (p.second.supervises || os.Getpid() == 1 || monitor.OwnRole() != monitor.Program)
}

// A life is this process under one configuration: a run, or if nobody is to see how it
// ends, a report at most.
type life interface {
	of() *reporter.Reporter
	startMonitor(c Config, first bool) error
	begin(former life)
	isSeen() bool
	crashedBefore() bool
	catchUp()
	giveWay(next life)
	endSession()
	end()
}

func (p *parts) lifeOf(c Config, r *reporter.Reporter) life {
	if p.run == nil {
		return unseen{r}
	}
	return p.run(c, r)
}

// unseen is the life of a process whose end nobody is to see.
type unseen struct{ reporter *reporter.Reporter }

func (u unseen) of() *reporter.Reporter        { return u.reporter }
func (unseen) startMonitor(Config, bool) error { return nil }
func (unseen) begin(life)                      {}
func (unseen) isSeen() bool                    { return false }
func (unseen) crashedBefore() bool             { return false }
func (unseen) catchUp()                        {}
func (u unseen) giveWay(life) {
	closeReplaced(u.reporter, u.reporter.Finish(u.reporter.FlushTimeout()))
}
func (unseen) endSession() {}
func (unseen) end()        {}

// closeReplaced closes a reporter that another has replaced. others is what was not sent
// of the application's.
func closeReplaced(r *reporter.Reporter, others error) {
	if err := cmp.Or(r.Close(), others); err != nil {
		r.Log().Warn("sentry: replaced before all was sent", "reason", err.Error())
	}
}
