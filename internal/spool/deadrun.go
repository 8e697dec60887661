package spool

import (
	"errors"
	"io"
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

	CrashSize int64 // of the crash output, in bytes

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
	return soon(r.place, "open crash file", func() (*os.File, error) {
		d, err := r.place.open()
		if err != nil {
			return nil, err
		}
		defer d.Close()
		return d.OpenFile(crashName(r.ID), folder.AnySize)
	}, func(f *os.File) { f.Close() })
}

// Notes returns what the run has noted with [Run.Note]. None is no error.
func (r *DeadRun) Notes() ([]byte, error) { return r.read("read notes of run", toldName(r.ID)) }

// Moments returns what the run has written into its file of [Run.CreateMoments]. None
// is no error.
func (r *DeadRun) Moments() ([]byte, error) { return r.read("read moments of run", lastName(r.ID)) }

func (r *DeadRun) read(what, name string) ([]byte, error) {
	return soon(r.place, what, func() ([]byte, error) {
		d, err := r.place.open()
		if err != nil {
			return nil, err
		}
		defer d.Close()
		f, err := d.OpenFile(name, maxTold)
		if err != nil {
			return nil, folder.Extraordinary(err)
		}
		defer f.Close()
		return io.ReadAll(f)
	}, func([]byte) {})
}

// Reported removes the crash output and gives the run back, marked as crashed:
// the next start is told so, and has nothing to report.
func (r *DeadRun) Reported() error {
	return r.finish("mark run as reported", func(d *directory, f *os.File) error {
		if next := markCrashed(r.name, r.Ran); r.name.n == 0 {
			if err := d.Rename(f, r.name.String(), next.String()); err != nil && !errors.Is(err, fs.ErrPermission) {
				return err
			}
		}
		return d.removeParts(r.ID)
	})
}

// Remove removes the run and its crash output: it has been dealt with.
func (r *DeadRun) Remove() error {
	return r.finish("remove run from spool", func(d *directory, f *os.File) error {
		return d.removeHeld(f, r.name)
	})
}

// Release gives the run back, for another process or time.
func (r *DeadRun) Release() {
	_ = r.finish("give run back to spool", func(*directory, *os.File) error { return nil })
}

// finish ends the holding with what do does.
func (r *DeadRun) finish(what string, do func(*directory, *os.File) error) error {
	f := r.file
	if f == nil {
		return nil
	}
	r.file = nil
	return r.place.letGo(what, f, func(d *directory) error { return do(d, f) })
}
