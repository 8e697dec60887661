package spool

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/panicreport/sentry/internal/folder"
)

// A DeadRun is a run whose process is dead and did not end it. It is held, so
// that its crash is reported by one process only, until Reported, Remove or
// Release. Its methods must not be called at the same time.
type DeadRun struct {
	ID      string
	Meta    []byte
	Started time.Time     // by the clock of then
	Crashed bool          // it was marked so, or there is crash output; otherwise it was killed, or called os.Exit
	Ran     time.Duration // until the crash; 0 if it did not crash

	place *place
	name  name
	file  *os.File
}

// markCrashed returns the name of n once it is marked as crashed, after it ran
// so long.
func markCrashed(n name, ran time.Duration) name {
	n.n, n.ms = 1, min(max(ran.Milliseconds(), 0), maxMillis)
	return n
}

// OpenCrashFile opens the crash output to be read. If there is none, it returns
// an error that is fs.ErrNotExist. Its size has no bound.
func (r *DeadRun) OpenCrashFile() (*os.File, error) {
	d, err := r.place.open()
	if err != nil {
		return nil, wrap("open crash file", err)
	}
	defer d.Close()
	f, err := d.OpenFile(crashName(r.ID), folder.AnySize)
	if err != nil {
		return nil, wrap("open crash file", err)
	}
	return f, nil
}

// Reported removes the crash output and gives the run back, marked as crashed:
// the next start is told so, and has nothing to report.
func (r *DeadRun) Reported() error {
	if r.file == nil {
		return nil
	}
	defer r.Release()
	d, err := r.place.open()
	if err == nil {
		defer d.Close()
		err = r.mark(d)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return wrap("mark run as reported", err)
}

func (r *DeadRun) mark(d *directory) error {
	if next := markCrashed(r.name, r.Ran); r.name.n == 0 {
		if err := d.Rename(r.file, r.name.String(), next.String()); err != nil {
			return err
		}
		r.name = next
	}
	return d.Unlink(crashName(r.ID))
}

// Remove removes the run and its crash output: it has been dealt with.
func (r *DeadRun) Remove() error {
	if r.file == nil {
		return nil
	}
	defer r.Release()
	return removeRun(r.place, r.file, r.name)
}

// Release gives the run back, for another process or time.
func (r *DeadRun) Release() {
	if r.file != nil {
		folder.LetGo(r.file)
		r.file = nil
	}
}
