package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"
)

const (
	// maxMeta bounds the metadata of a run, in bytes: the tags and contexts that
	// go with every report.
	maxMeta = 256 << 10
	// maxClaimed bounds the runs that DeadRuns claims at once. Each is an open
	// file, and macOS lets a program have 256 that does not ask for more.
	maxClaimed = 30
)

var errRunEnded = errors.New("mark run in spool: it has ended")

// A Run is the mark of this process in the directory: a file that is locked for
// as long as the process lives. It must be held on to until the end. Its
// methods may be called from several goroutines: they crash at the same time,
// too.
type Run struct {
	store *Store

	mu   sync.Mutex
	name name
	file *os.File // nil after End
}

// Begin marks the start of a run. The metadata, of at most 256 KiB, is handed
// to whoever finds the run dead. Nothing is synced: a power cut at this moment
// is no crash of the program's.
func (s *Store) Begin(meta []byte) (*Run, error) {
	r, err := s.begin(meta)
	if err != nil {
		return nil, wrap("mark run in spool", err)
	}
	return r, nil
}

func (s *Store) begin(meta []byte) (*Run, error) {
	d, err := s.openOrCreate()
	if err != nil {
		return nil, err
	}
	defer d.close()
	n := name{at: millis(s.now()), id: randomID(), kind: kindRun}
	f, err := d.writeRun(n, meta)
	if err != nil {
		return nil, err
	}
	return &Run{store: s, name: n, file: f}, nil
}

func (d *directory) writeRun(n name, meta []byte) (*os.File, error) {
	if len(meta) > maxMeta {
		return nil, fmt.Errorf("%d bytes of metadata, more than %d", len(meta), maxMeta)
	}
	return d.write(n.String(), kindRun, n.id, meta, survivesKill)
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
	d, err := r.store.open()
	if err != nil {
		return wrap("mark run in spool", err)
	}
	defer d.close()
	f, err := d.writeRun(r.name, meta)
	if err != nil {
		return wrap("mark run in spool", err)
	}
	letGo(r.file)
	r.file = f
	return nil
}

// CreateCrashFile makes the file for the crash output of this run, for
// debug.SetCrashOutput, once. It is locked until every copy of it is closed:
// that of the runtime too, which ends with the process.
func (r *Run) CreateCrashFile() (*os.File, error) {
	d, err := r.store.open()
	if err != nil {
		return nil, wrap("create crash file", err)
	}
	defer d.close()
	f, err := d.createClaimed(crashName(r.name.id))
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
		letGo(r.file)
		r.file = nil
	}()
	d, err := r.store.open()
	if err == nil {
		defer d.close()
		err = d.removeHeldRun(r.file, r.name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return wrap("remove run from spool", err)
}

// crashed returns the name of n once it is marked as crashed, after it ran so
// long.
func crashed(n name, ran time.Duration) name {
	n.n, n.ms = 1, min(max(ran.Milliseconds(), 0), maxMillis)
	return n
}

// A DeadRun is a run whose process is dead and did not end it. It is held, so
// that its crash is reported by one process only, until Reported, Remove or
// Release. Its methods must not be called at the same time.
type DeadRun struct {
	ID      string
	Meta    []byte
	Started time.Time     // by the clock of then
	Crashed bool          // it was marked so, or there is crash output; otherwise it was killed, or called os.Exit
	Ran     time.Duration // until the crash; 0 if it did not crash

	// CrashFile is the path of the crash output. There may be none.
	CrashFile string

	store *Store
	name  name
	file  *os.File
}

// DeadRuns claims the runs that ended without a clean end and that nobody else
// has claimed, and returns them the oldest first. A process that lives is never
// among them. Of more than 30 it claims the newest, so that the last one is how
// the run before this ended; the others are for the next call, here or at
// another start. It makes no directory.
func (s *Store) DeadRuns() ([]*DeadRun, error) {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap("look for dead runs", err)
	}
	defer d.close()
	l, err := d.list()
	if err != nil {
		return nil, wrap("look for dead runs", err)
	}
	var runs []*DeadRun
	for _, n := range slices.Backward(l.runs) {
		r, takeErr := s.deadRun(d, n)
		if takeErr == nil {
			runs = append(runs, r)
		} else if !ordinary(takeErr) {
			err = takeErr
		}
		if len(runs) == maxClaimed {
			break
		}
	}
	slices.Reverse(runs)
	return runs, wrap("look for dead runs", err)
}

func (s *Store) deadRun(d *directory, n name) (*DeadRun, error) {
	f, meta, err := d.take(n)
	if err != nil {
		return nil, err
	}
	r := &DeadRun{ID: n.id, Meta: meta, Started: n.time(), store: s, name: n, file: f}
	r.CrashFile = s.pathOf(crashName(n.id))
	switch output, ok := d.crashOutput(n.id); {
	case n.n != 0:
		r.Crashed, r.Ran = true, time.Duration(n.ms)*time.Millisecond
	case ok:
		r.Crashed, r.Ran = true, since(n, output)
	}
	return r, nil
}

// DeadRun claims one run by its id, as DeadRuns does all. It returns nil if there
// is none any more: it has ended, or another process reports it. held says that
// its process, or whoever claims it, still lives.
func (s *Store) DeadRun(id string) (r *DeadRun, held bool, err error) {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, wrap("look for dead run", err)
	}
	defer d.close()
	l, err := d.list()
	for _, n := range l.runs {
		if n.id != id {
			continue
		}
		if r, err = s.deadRun(d, n); err != nil && ordinary(err) {
			return nil, errors.Is(err, errBusy), nil
		}
		break
	}
	return r, false, wrap("look for dead run", err)
}

// Reported removes the crash output and gives the run back, marked as crashed:
// the next start is told so, and has nothing to report.
func (r *DeadRun) Reported() error {
	if r.file == nil {
		return nil
	}
	defer r.Release()
	d, err := r.store.open()
	if err == nil {
		defer d.close()
		if next := crashed(r.name, r.Ran); r.name.n == 0 {
			if err = d.rename(r.file, r.name.String(), next.String()); err == nil {
				r.name = next
			}
		}
		if err == nil {
			err = d.root.Remove(crashName(r.ID))
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return wrap("mark run as reported", err)
}

// crashOutput returns what is known of the crash output, if there is any.
func (d *directory) crashOutput(id string) (fs.FileInfo, bool) {
	info, err := d.root.Lstat(crashName(id))
	return info, err == nil && d.check(info, anySize) == nil && info.Size() > 0
}

// since returns how long after the start of the run the crash output was
// written, by the clocks of then.
func since(n name, output fs.FileInfo) time.Duration {
	return max(output.ModTime().Sub(n.time()), 0)
}

// OpenCrashFile opens the crash output to be read. If there is none, it returns
// an error that is fs.ErrNotExist. Its size has no bound.
func (r *DeadRun) OpenCrashFile() (*os.File, error) {
	d, err := r.store.open()
	if err != nil {
		return nil, wrap("open crash file", err)
	}
	defer d.close()
	f, err := d.openFile(crashName(r.ID), os.O_RDONLY, anySize)
	if err != nil {
		return nil, wrap("open crash file", err)
	}
	return f, nil
}

// Remove removes the run and its crash output: it has been dealt with.
func (r *DeadRun) Remove() error {
	if r.file == nil {
		return nil
	}
	defer r.Release()
	d, err := r.store.open()
	if err == nil {
		defer d.close()
		err = d.removeHeldRun(r.file, r.name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return wrap("remove run from spool", err)
}

// Release gives the run back, for another process or time.
func (r *DeadRun) Release() {
	if r.file != nil {
		letGo(r.file)
		r.file = nil
	}
}
