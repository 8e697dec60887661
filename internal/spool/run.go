package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/panicreport/sentry/internal/folder"
)

const (
	// maxMeta bounds the metadata of a run, in bytes: the tags and contexts that go
	// with every report.
	maxMeta = 256 << 10

	// maxTold bounds what a run notes of its reports, in bytes.
	maxTold = 4 << 20 // twice what the ledger has before it looks which panics are over
)

var errRunEnded = errors.New("it has ended")

// A Run is the mark of this process in the directory: a file that is locked for
// as long as the process lives. It must be held on to until the end. Its
// methods may be called from several goroutines: they crash at the same time,
// too.
//
// It keeps the directory and its own files open. So it works on when the process
// has changed its root directory or its user, or has no descriptor left.
type Run struct {
	place *place
	name  name

	mu      sync.Mutex
	dir     *directory
	file    *os.File // nil after End
	notes   *os.File // nil without CreateNotes
	moments *os.File // nil without CreateMoments
}

func writeRun(d *directory, n name, meta []byte) (*os.File, error) {
	if len(meta) > maxMeta {
		return nil, fmt.Errorf("%d bytes of metadata, more than %d", len(meta), maxMeta)
	}
	return d.Write(n.String(), folder.Header{Kind: kindRun, ID: n.id}, meta, folder.SurvivesKill)
}

// ID returns the random id of the run: 32 hexadecimal digits.
func (r *Run) ID() string { return r.name.id }

// do does something in the lane while the run has not ended.
func (r *Run) do(what string, do func() error) error {
	return soonDone(r.place, what, func() error {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.file == nil {
			return errRunEnded
		}
		return do()
	})
}

// SetMeta replaces the metadata.
func (r *Run) SetMeta(meta []byte) error {
	return r.do("mark run in spool", func() error {
		f, err := writeRun(r.dir, r.name, meta)
		if err != nil {
			return err
		}
		folder.LetGo(r.file)
		r.file = f
		return nil
	})
}

// CreateCrashFile makes the file for the crash output of this run, for
// debug.SetCrashOutput, once. It is locked until every copy of it is closed:
// that of the runtime too, which ends with the process. Where the system can, it has
// room for most crash texts from the start: many a program dies of a full disk.
func (r *Run) CreateCrashFile() (f *os.File, err error) {
	return r.create("create crash file", crashName(r.name.id), func(f *os.File) error {
		folder.Reserve(f, roomForCrash)
		return nil
	})
}

// roomForCrash is some ten times the text of one goroutine, in bytes.
const roomForCrash = 32 << 10

// CreateMoments makes the file for Moment, once, of size bytes, which it has on the
// disk from the start.
func (r *Run) CreateMoments(size int) error {
	return r.keep(&r.moments, "create moments of run", lastName(r.name.id), size)
}

// Moment writes text at an offset of the file for the last moments. Who reads it must
// not believe it: a death may have cut it. It syncs nothing.
func (r *Run) Moment(offset int64, text []byte) error {
	return r.do("write moments of run", func() error { return writePart(r.moments, offset, text) })
}

// CreateNotes makes the file for Note, once.
func (r *Run) CreateNotes() error {
	return r.keep(&r.notes, "create notes of run", toldName(r.name.id), firstNotes)
}

// keep makes a file beside the mark, of size bytes, and keeps it open in to.
func (r *Run) keep(to **os.File, what, name string, size int) error {
	f, err := r.create(what, name, func(f *os.File) error { return fill(f, size) })
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		folder.LetGo(f)
		return errRunEnded
	}
	*to = f
	return nil
}

// firstNotes is one block of most file systems.
const firstNotes = 4 << 10

// create makes a file beside the mark, and prepares it. If that fails, there is none.
func (r *Run) create(what, name string, prepare func(*os.File) error) (*os.File, error) {
	return soon(r.place, what, func() (*os.File, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.file == nil {
			return nil, errRunEnded
		}
		f, err := r.dir.Create(name)
		if err != nil {
			return nil, err
		}
		if err := prepare(f); err != nil {
			_ = r.dir.Remove(f, name)
			folder.LetGo(f)
			return nil, err
		}
		return f, nil
	}, folder.LetGo)
}

// fill writes zeros, so that what is written there later needs no room on a disk that
// is full by then.
func fill(f *os.File, size int) error {
	_, err := f.WriteAt(make([]byte, size), 0)
	return err
}

// Note writes down text at an offset, for whoever finds the run dead: what must be
// known of the panics that it has reported. It writes to a file that is open, and
// syncs nothing.
func (r *Run) Note(offset int64, text []byte) error {
	if offset+int64(len(text)) > maxTold {
		return fmt.Errorf("note in spool: more than %d bytes", maxTold)
	}
	return r.do("note in spool", func() error { return writePart(r.notes, offset, text) })
}

func writePart(f *os.File, offset int64, text []byte) error {
	if f == nil {
		return errNoPart
	}
	_, err := f.WriteAt(text, offset)
	return err
}

var errNoPart = errors.New("there is no file for it")

// IsGone tells whether the mark is not in the directory any more, because somebody
// has removed or moved it or the directory.
func (r *Run) IsGone() (gone bool) {
	err := r.do("look for mark in spool", func() error {
		gone = r.dir.HasLost(r.file, r.name.String()) || r.place.hasLost(r.dir)
		return nil
	})
	return err == nil && gone
}

// End marks a clean end: nothing of the run is left.
func (r *Run) End() error {
	err := r.do("remove run from spool", func() error {
		err := r.dir.removeHeld(r.file, r.name)
		r.letGo()
		return err
	})
	if errors.Is(err, errRunEnded) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (r *Run) letGo() {
	for _, f := range []*os.File{r.file, r.notes, r.moments} {
		if f != nil {
			folder.LetGo(f)
		}
	}
	r.place.moveOut(r.dir)
	r.dir.Close()
	r.file, r.notes, r.moments, r.dir = nil, nil, nil, nil
}
