package lifetime

import (
	"encoding/json"
	"time"

	"github.com/panicreport/sentry/internal/cgroup"
	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/monitor"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/session"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/vitals"
)

// A memo is what a run writes down of itself for whoever finds it dead. Earlier
// versions wrote the program only.
type memo struct {
	event.Program
	Vitals  *vitals.Vitals   `json:"vitals,omitempty"`  // at the start
	Session *session.Session `json:"session,omitempty"` // nil if nobody counts
	Untold  bool             `json:"untold,omitempty"`  // nobody may have heard that it has begun
	Closed  *session.End     `json:"closed,omitempty"`  // it has ended well, and was about to tell
	Waiter  monitor.Peer     `json:"waiter,omitzero"`   // waits for it, and knows more
}

// An ended is a run that has ended, and what is known of its end.
type ended struct {
	*spool.DeadRun // nil without a spool
	memo           memo
	last           event.Last

	how   *monitor.Ended // nil if nobody has waited for it
	exits bool           // an exit status that is not 0 is a fault
	kill  *cgroup.Kill   // nil without evidence
}

// examine looks what is known of dead runs, at the time now. Evidence for fewer ends
// than runs that it could be for is evidence for none.
func examine(dead []*spool.DeadRun, now vitals.Vitals) (all []*ended) {
	var killed []*ended
	for _, d := range dead {
		e := &ended{DeadRun: d}
		_ = json.Unmarshal(d.Meta, &e.memo) // without it, it is still a crash
		left, _ := d.Moments()
		last, state := reporter.ReadMoments(left)
		if e.last = last; state != nil {
			e.memo.Vitals = state
		}
		if all = append(all, e); !d.Crashed && e.findKill(now) {
			killed = append(killed, e)
		}
	}
	if len(killed) > 1 && now.Kernel.Kills() < killed[0].memo.Vitals.Kernel.Kills()+uint64(len(killed)) {
		for _, e := range killed {
			e.kill = nil
		}
	}
	return all
}

// findKill looks for evidence that the kernel has killed the run for its memory.
func (e *ended) findKill(now vitals.Vitals) (found bool) {
	before := e.memo.Vitals
	if before == nil || vitals.Rebooted(*before, now) {
		return false
	}
	var resident uint64
	if e.how != nil {
		resident = e.how.Resident
	}
	kill, found := cgroup.Killed(before.Kernel, now.Kernel, resident)
	if found {
		e.kill = &kill
	}
	return found
}

// isWaitedFor tells whether the supervisor of the run lives: it knows the signal or the
// exit status, and is about to tell.
func (e *ended) isWaitedFor(now vitals.Vitals) bool {
	return e.memo.Waiter.Lives() && e.memo.Vitals != nil && !vitals.Rebooted(*e.memo.Vitals, now)
}

// verdict is what the end means.
func (e *ended) verdict() ending.Verdict {
	f := ending.Facts{
		Closed:      e.memo.Closed != nil,
		CrashText:   e.DeadRun != nil && e.Crashed,
		OutOfMemory: e.kill != nil,
		WantsExits:  e.exits,
	}
	if how := e.how; how != nil {
		f.Waited, f.Signal, f.Exit, f.CPUSpent = true, ending.Signal(how.Signal), how.Exit, how.CPUSpent
	}
	return f.Verdict()
}

// tells tells whether there is anything to report.
func (e *ended) tells() bool {
	return e.Crashed || e.memo.Session != nil || e.verdict().Title != ""
}

// end is how the run counts. What is not known of a run that has died of its own fault
// is that it is one error.
func (e *ended) end(status ending.Status, at time.Time) session.End {
	if e.memo.Closed != nil && status == ending.Exited {
		return *e.memo.Closed
	}
	end := session.End{Status: status, At: at, Ran: e.Ran}
	if status == ending.Crashed {
		end.Errors = 1
	}
	return end
}

// event is the report of an end without a crash text.
func (e *ended) event(v ending.Verdict, seenBy string) event.Ending {
	end := event.Ending{
		Of: e.memo.Program, At: time.Now(), SeenBy: seenBy, Title: v.Title, Text: v.Text, Vitals: e.memo.Vitals, Last: e.last,
	}
	if v.Title == ending.OutOfMemory {
		end.Kill = e.kill
	}
	if e.DeadRun != nil {
		end.Run, end.Began, end.Ran = e.ID, e.Started, e.Ran
	}
	if e.how != nil && e.exits {
		end.Output = string(e.how.Tail)
	}
	return end
}
