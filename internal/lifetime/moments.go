package lifetime

import (
	"runtime/debug"

	"github.com/panicreport/sentry/internal/moments"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/vitals"
)

// keepMoments keeps the last moments of this process beside its mark. Where that is
// not possible, a report lacks them.
func keepMoments(r *reporter.Reporter, mark *spool.Run, v vitals.Vitals) {
	if mark.CreateMoments(moments.Size) == nil {
		reporter.KeepMoments(moments.NewBook(mark.Moment)).Close()
		r.Look(v)
	}
}

// leaveNothing ends what the process leaves behind at its death.
func leaveNothing() {
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	reporter.KeepMoments(nil).Close()
}
