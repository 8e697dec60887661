// Package spool carries reports from the moment they are written down until a
// Sentry server has accepted them: a [Store] keeps them in a directory, a
// [Sender] delivers them.
//
// A report is opaque bytes under the event's id. Once [Store.Put] has returned,
// the report survives a kill, a full disk, a dead network and a power cut. Any
// number of processes, and of versions of a program, may share a directory: a
// kernel lock gives each report to one of them at a time and vanishes with its
// process, so a dead owner's reports fall to exactly one other, whatever pids
// and clocks do.
//
// Everything that changes about a report or a run (attempts, the time of the
// next one, the mark of a crash) stands in its file's name and changes by a
// rename: atomic, without a second write, possible on a full disk. A file that
// has its final name is never opened to be written, so nothing that was planted
// in the directory can carry a write out of it.
//
// It costs one synced write and one sync of the directory for each report, one
// open file for each report or run that is held, and nothing in between: there
// is no goroutine, and the directory is opened by its name for each call, so
// that it may vanish and come back. It can not hold a report of more than
// [MaxSize] bytes, and it needs a file system with file locks. A report can
// reach the server twice (a kill between its answer and [Report.Remove]); the
// event id tells the server.
//
// On iOS the directory must be the application's own: the system ends a
// suspended process that holds a lock in a container shared with others. A host
// program that forks without exec keeps a dead parent's locks for as long as
// the child lives.
//
//	store, err := spool.New(dir, spool.Options{})
//	report, err := store.Put(id, envelope) // safe from here on, and held by this process
//	if accepted(report.Data()) {
//		err = report.Remove()
//	} else {
//		kept, err = report.Retry(time.Now().Add(backoff)) // free for any process after that
//	}
package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	// DefaultMaxReports bounds the disk of a program that crashes at every
	// start: thirty times one bug is enough to see it.
	DefaultMaxReports = 30
	// DefaultMaxAge is the longest that Sentry keeps an event; an older report
	// would arrive to be deleted.
	DefaultMaxAge = 90 * 24 * time.Hour
	// MaxSize bounds one report, in bytes. Sentry refuses an event of more than
	// 1 MiB.
	MaxSize = 1 << 20

	// dirPerm and filePerm: a report may tell of the person who ran the
	// program, and is nobody else's business.
	dirPerm  = 0o700
	filePerm = 0o600
)

// Options are the bounds of a Store. The zero value has the defaults. Processes
// that share a directory should agree: the tighter bound wins.
type Options struct {
	MaxReports int           // how many are kept, oldest dropped first. By default, DefaultMaxReports.
	MaxAge     time.Duration // how long they are kept. By default, DefaultMaxAge.
}

// A Store is a directory of reports. Its methods may be called from several
// goroutines.
type Store struct {
	dir        string
	maxReports int
	maxAge     time.Duration
	now        func() time.Time

	mu       sync.Mutex
	unsynced []string // directories in which this Store made another one, until a Put has synced them
}

// New returns the Store of dir without touching the disk: a directory that can
// not be used now may be usable when there is something to keep. [Store.Sweep]
// is the call that tells.
func New(dir string, opts Options) (*Store, error) {
	if dir == "" {
		return nil, errors.New("open spool: no directory given")
	}
	// A program may change its working directory before it crashes.
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	s := &Store{dir: abs, maxReports: DefaultMaxReports, maxAge: DefaultMaxAge, now: time.Now}
	if opts.MaxReports > 0 {
		s.maxReports = opts.MaxReports
	}
	if opts.MaxAge > 0 {
		s.maxAge = opts.MaxAge
	}
	return s, nil
}

// open opens the directory as it is now, if it is there.
func (s *Store) open() (*directory, error) { return openDirectory(s.dir) }

// openOrCreate opens the directory and makes it, and its parents, where they
// are missing.
func (s *Store) openOrCreate() (*directory, error) {
	d, err := s.open()
	if !errors.Is(err, fs.ErrNotExist) {
		return d, err
	}
	if err := s.create(); err != nil {
		return nil, err
	}
	return s.open()
}

// create is os.MkdirAll that remembers what Put has to sync: a directory that a
// power cut takes away takes its reports along.
func (s *Store) create() error {
	var missing []string
	for dir := s.dir; ; dir = filepath.Dir(dir) {
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
		s.mu.Lock()
		s.unsynced = append(s.unsynced, filepath.Dir(dir))
		s.mu.Unlock()
	}
	return nil
}

// syncParents syncs the directories in which create made others. Once: later
// calls find none.
func (s *Store) syncParents() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.unsynced) > 0 {
		if err := syncDirectory(s.unsynced[0]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		s.unsynced = s.unsynced[1:]
	}
	return nil
}

// bare strips the paths that package os puts into its errors: they name the
// person's home directory, and errors end in logs.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

func (s *Store) pathOf(file string) string { return filepath.Join(s.dir, file) }
