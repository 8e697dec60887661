package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/panicreport/sentry/internal/folder"
)

// dirPerm: a report may tell of the person who ran the program, and is nobody
// else's business.
const dirPerm = 0o700

// clockFloor is older than this package: a clock that shows less was never set,
// as on a small board before it has the time from the network, and says nothing
// about a report's age.
var clockFloor = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

// A place is where a Store is, and what time it is there.
type place struct {
	dir    string
	now    func() time.Time
	maxAge time.Duration

	mu       sync.Mutex
	unsynced []string // directories in which create made another one, until syncParents
}

// open opens the directory as it is now, if it is there.
func (p *place) open() (*directory, error) {
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
