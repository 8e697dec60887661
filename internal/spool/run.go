package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/panicreport/sentry/internal/folder"
)

// maxMeta bounds the metadata of a run, in bytes: the tags and contexts that go
// with every report.
const maxMeta = 256 << 10

var errRunEnded = errors.New("mark run in spool: it has ended")

// A Run is the mark of this process in the directory: a file that is locked for
// as long as the process lives. It must be held on to until the end. Its
// methods may be called from several goroutines: they crash at the same time,
// too.
type Run struct {
	place *place

	mu   sync.Mutex
	name name
	file *os.File // nil after End
}

func writeRun(d *directory, n name, meta []byte) (*os.File, error) {
	if len(meta) > maxMeta {
		return nil, fmt.Errorf("%d bytes of metadata, more than %d", len(meta), maxMeta)
	}
	return d.Write(n.String(), folder.Header{Kind: kindRun, ID: n.id}, meta, folder.SurvivesKill)
}

// ID returns the random id of the run: 32 hexadecimal digits.
func (r *Run) ID() string { return r.name.id }

// SetMeta replaces the metadata.
func (r *Run) SetMeta(meta []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return errRunEnded
	}
	d, err := r.place.open()
	if err != nil {
		return wrap("mark run in spool", err)
	}
	defer d.Close()
	f, err := writeRun(d, r.name, meta)
	if err != nil {
		return wrap("mark run in spool", err)
	}
	folder.LetGo(r.file)
	r.file = f
	return nil
}

// CreateCrashFile makes the file for the crash output of this run, for
// debug.SetCrashOutput, once. It is locked until every copy of it is closed:
// that of the runtime too, which ends with the process.
func (r *Run) CreateCrashFile() (*os.File, error) {
	d, err := r.place.open()
	if err != nil {
		return nil, wrap("create crash file", err)
	}
	defer d.Close()
	f, err := d.Create(crashName(r.name.id))
	if err != nil {
		return nil, wrap("create crash file", err)
	}
	return f, nil
}

// End marks a clean end: nothing of the run is left.
func (r *Run) End() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	defer func() {
		folder.LetGo(r.file)
		r.file = nil
	}()
	return removeRun(r.place, r.file, r.name)
}

func removeRun(p *place, f *os.File, n name) error {
	d, err := p.open()
	if err == nil {
		defer d.Close()
		err = d.removeHeld(f, n)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return wrap("remove run from spool", err)
}
