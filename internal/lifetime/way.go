package lifetime

import (
	"runtime/debug"

	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/spool"
)

// A way is how the crash text of this process gets to whoever reads it.
type way struct {
	mark *spool.Run // with its file; nil for the pipe to the monitor
}

// isSeen tells whether the crash text of this process gets to anybody.
func (r *run) isSeen() bool { return r.way.Load() != nil }

// hasFile tells whether the crash text goes to a file.
func (r *run) hasFile() bool {
	w := r.way.Load()
	return w != nil && w.mark != nil
}

// beSeen has the death of this process seen: by a file for the crash text where there
// is a disk, and else by the pipe to the monitor. With a file, the pipe only tells of
// the end: whoever kills the monitor, and when, the next start has the text.
func (r *run) beSeen() {
	if r.store != nil {
		err := r.beSeenByFile()
		if err == nil {
			return
		}
		r.log.Spool(err)
	}
	if r.watch == nil {
		return
	}
	if err := r.watch.TakeCrashOutput(); err != nil {
		r.log.Spool(err)
		return
	}
	r.goes(&way{})
}

func (r *run) beSeenByFile() error {
	mark, err := r.beginMark()
	if err == nil {
		r.goes(&way{mark})
	}
	return err
}

// goes lets the crash text go this way, and all that whoever reads it has to know.
func (r *run) goes(w *way) {
	r.way.Store(w)
	reporter.Ledger().Attach(r)
	r.tell()
}

// beginMark marks the begin of this run, and has the crash text written beside the
// mark. What a report can be without comes last: the disk may be full.
func (r *run) beginMark() (*spool.Run, error) {
	mark, err := r.store.Begin(r.program())
	if err != nil {
		return nil, err
	}
	if err := r.prepare(mark); err != nil {
		_ = mark.End()
		return nil, err
	}
	keepMoments(r.reporter, mark, r.vitals)
	return mark, nil
}

// prepare makes the files that tell of a death.
func (r *run) prepare(mark *spool.Run) error {
	if err := mark.CreateNotes(); err != nil {
		return err
	}
	file, err := mark.CreateCrashFile()
	if err != nil {
		return err
	}
	defer file.Close() // the runtime has its own copy
	return debug.SetCrashOutput(file, debug.CrashOptions{})
}

// lookAfter makes the directory and the mark anew if somebody has removed them. Until
// there is another, the files of the former, which are open, serve.
func (r *run) lookAfter() {
	if r.tally.wanted {
		r.reporter.Health().LookAfter()
	}
	if !r.mu.TryLock() {
		return // somebody is at it
	}
	defer r.mu.Unlock()
	w := r.way.Load()
	if w == nil || w.mark == nil || !w.mark.IsGone() {
		return
	}
	if err := r.beSeenByFile(); err != nil {
		r.log.Spool(err)
		return
	}
	r.log.Warn("sentry: the spool was removed, it was made anew")
	_ = w.mark.End()
}

// lookForRoom makes the mark that could not be made at the begin: the disk was full or
// did not answer, or what is mounted there came late. Init has said so; each look that
// finds no room either says nothing.
func (r *run) lookForRoom() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended && !r.hasFile() && r.beSeenByFile() == nil {
		r.log.Warn("sentry: the spool has room now: a crash is reported at the next start")
	}
}

// leaveWay has nobody see the death of this process by this run any more.
func (r *run) leaveWay() *way {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	return r.way.Swap(nil)
}
