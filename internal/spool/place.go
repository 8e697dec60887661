package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/folder"
)

// dirPerm: a report may tell of the person who ran the program, and is nobody
// else's business.
const dirPerm = 0o700

// clockFloor is older than this package: a clock that shows less was never set,
// as on a small board before it has the time from the network, and says nothing
// about a report's age.
var clockFloor = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

const (
	// diskWait is how long a call waits for a disk that hangs: a synced write takes
	// milliseconds, and seconds on the memory card of a small board that is busy.
	diskWait = 2 * time.Second
	// diskCalls run at a time: enough for a disk that works, and few enough threads
	// to lose on one that hangs.
	diskCalls = 4
)

// ErrHangs says that the disk has not answered in time.
var ErrHangs = errors.New("the disk does not answer")

// A place is where a Store is, and what time it is there.
type place struct {
	dir    string
	now    func() time.Time
	maxAge time.Duration
	wait   time.Duration
	lane   *contain.Lane

	mu       sync.Mutex
	unsynced []string // directories in which create made another one, until syncParents
	home     *home    // nil while no run of this process is in it
}

// A home is the directory as the process has found it when its run began. It serves
// a process that has changed its root directory since: dir means another place, or
// none, for it.
type home struct {
	dir  *directory
	root fs.FileInfo // of the process
}

// isLost tells whether the process has another root directory than it had.
func (h *home) isLost() bool {
	root, err := rootDirectory()
	return err != nil || !os.SameFile(root, h.root)
}

func rootDirectory() (fs.FileInfo, error) { return os.Stat(string(filepath.Separator)) }

// settle makes d the home. It is open for as long as the run that is in it.
func (p *place) settle(d *directory) {
	root, err := rootDirectory()
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.home = &home{d, root}
}

// moveOut undoes settle.
func (p *place) moveOut(d *directory) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.home != nil && p.home.dir == d {
		p.home = nil
	}
}

// lostHome returns the home if there is no other way to it.
func (p *place) lostHome() *directory {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.home == nil || !p.home.isLost() {
		return nil
	}
	return p.home.dir
}

// soon runs an operation on the disk that the caller can not wait long for. It
// returns ErrHangs after the wait of the place; if op ends well after that, late gets its
// result.
func soon[T any](p *place, what string, op func() (T, error), late func(T)) (T, error) {
	type outcome struct {
		result T
		err    error
	}
	o, ok := contain.In(p.lane, p.wait, func() (o outcome) {
		o.result, o.err = op()
		return o
	}, func(o outcome) {
		if o.err == nil {
			late(o.result)
		}
	})
	if !ok {
		o.err = ErrHangs
	}
	return o.result, wrap(what, o.err)
}

// soonDone is soon for an operation without a result.
func soonDone(p *place, what string, op func() error) error {
	_, err := soon(p, what, func() (struct{}, error) { return struct{}{}, op() }, func(struct{}) {})
	return err
}

// hasLost tells whether d, which was opened here, was removed or moved since.
func (p *place) hasLost(d *directory) bool { return p.lostHome() == nil && d.HasLeft(p.dir) }

// open opens the directory as it is now, if it is there.
func (p *place) open() (*directory, error) {
	if home := p.lostHome(); home != nil {
		f, err := home.Again()
		return &directory{Folder: f}, err
	}
	f, err := folder.Open(p.dir)
	if err != nil {
		return nil, err
	}
	return &directory{Folder: f}, nil
}

// openOrCreate opens the directory and makes it, and its parents, where they
// are missing.
func (p *place) openOrCreate() (*directory, error) {
	d, err := p.open()
	if !errors.Is(err, fs.ErrNotExist) {
		return d, err
	}
	if err := p.create(); err != nil {
		return nil, err
	}
	return p.open()
}

// letGo ends the holding of a file with what do does in the directory. What is gone,
// because of Clear or with its directory, has nothing left to be done.
func (p *place) letGo(what string, f *os.File, do func(*directory) error) error {
	return soonDone(p, what, func() error {
		defer folder.LetGo(f)
		d, err := p.open()
		if err == nil {
			defer d.Close()
			err = do(d)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

// create is os.MkdirAll that remembers what Put has to sync: a directory that a
// power cut takes away takes its reports along.
func (p *place) create() error {
	var missing []string
	for dir := p.dir; ; dir = filepath.Dir(dir) {
		_, err := os.Stat(dir)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return err
		}
		missing = append(missing, dir)
	}
	for _, dir := range slices.Backward(missing) {
		if err := os.Mkdir(dir, dirPerm); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		p.mu.Lock()
		p.unsynced = append(p.unsynced, filepath.Dir(dir))
		p.mu.Unlock()
	}
	return nil
}

// syncParents syncs the directories in which create made others. Once: later
// calls find none.
func (p *place) syncParents() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.unsynced) > 0 {
		if err := folder.SyncDirectory(p.unsynced[0]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		p.unsynced = p.unsynced[1:]
	}
	return nil
}

// isExpired tells whether a report or a run is too old to be kept.
func (p *place) isExpired(n name) bool {
	return n.time().After(clockFloor) && p.now().Sub(n.time()) > p.maxAge
}
