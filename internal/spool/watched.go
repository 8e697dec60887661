package spool

import (
	"io"
	"os"
)

// A Watched is a run of another process that lives, of which this process keeps the
// files open: they can be read when the run has died, even if somebody has removed
// the directory by then.
type Watched struct {
	place *place
	dir   *directory
	crash *os.File
	notes *os.File // nil if there are none
}

// IsAway tells whether the directory is not where it was any more.
func (w *Watched) IsAway() bool { return w.dir.HasLeft(w.place.dir) }

// CrashFile is the crash output. It belongs to the Watched.
func (w *Watched) CrashFile() *os.File { return w.crash }

// Notes returns what the run has noted with [Run.Note].
func (w *Watched) Notes() []byte {
	if w.notes == nil {
		return nil
	}
	notes, _ := io.ReadAll(io.LimitReader(w.notes, maxTold))
	return notes
}

// Close closes the files.
func (w *Watched) Close() {
	w.crash.Close()
	if w.notes != nil {
		w.notes.Close()
	}
	w.dir.Close()
}
