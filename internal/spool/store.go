// Package spool keeps crash reports in a directory from the moment they are
// written down until somebody has delivered them, and notes there which runs of
// the program have not ended well. It knows nothing of the network, and a report
// is opaque bytes under the event's id.
//
// Once [Reports.Put] has returned, a report survives a kill, a full disk and a
// power cut. Any number of processes, and of versions of a program, may share a
// directory: package folder gives each file to one of them at a time, so a dead
// owner's reports fall to exactly one other.
//
// Everything that changes about a report or a run (attempts, the time of the
// next one, the mark of a crash) stands in its file's name and changes by a
// rename: atomic, without a second write, possible on a full disk.
//
// It costs one synced write and one sync of the directory for each report, one
// open file for each report that is held, a few for a run, and nothing in between:
// there is no goroutine, and the directory is opened by its name for each call, so
// that it may vanish and come back. A [Run] keeps it open, because a process that
// has changed its root directory or its user can not find it again. It can not hold
// a report of more than [MaxSize] bytes, and it needs a file system with file locks.
// A report can be handed out twice (by a kill between the server's answer and
// [Report.Remove]); the event id tells the server.
//
// On a disk that hangs, Put, Claim, Take, Read and Sweep hang with it: they
// are for goroutines that nobody waits for. All other calls return ErrHangs after 2
// seconds, or at once where such calls hang already.
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
//		kept, err = report.Attempted(time.Now().Add(backoff))
//	}
package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/folder"
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

	// maxCounts bounds what tells how runs go: a hundred starts of a program that is
	// offline, with two files of some 300 bytes each.
	maxCounts = 200

	// maxAside bounds the files that are set aside: enough to see that
	// something is wrong, and what.
	maxAside = 10

	// clearPasses bounds how often Clear looks again, for a directory into which
	// somebody keeps writing.
	clearPasses = 10
)

// Options are the bounds of a Store. The zero value has the defaults. Processes
// that share a directory should agree: the tighter bound wins.
type Options struct {
	MaxReports int           // how many are kept of each kind, oldest dropped first. By default, DefaultMaxReports.
	MaxAge     time.Duration // how long they are kept. By default, DefaultMaxAge.

	Wait time.Duration    // how long a call waits for a disk that hangs. By default, 2 seconds.
	Now  func() time.Time // the clock. By default, time.Now.
}

// A Store is a directory of reports, of the runs of a program, and of notes. Its
// methods may be called from several goroutines.
type Store struct {
	*Reports          // of crashes
	Events   *Reports // of the application's other events, which crowd out no crash
	Counts   *Reports // of how runs go, which crowd out neither
	*Runs
	*Notes
	place *place
}

// New returns the Store of dir without touching the disk: a directory that can
// not be used now may be usable when there is something to keep. [Store.Sweep]
// is the call that tells.
func New(dir string, opts Options) (*Store, error) {
	if dir == "" {
		return nil, errors.New("open spool: no directory given")
	}
	if strings.ContainsRune(dir, 0) {
		return nil, fmt.Errorf("open spool: %w", folder.ErrBadName)
	}
	// A program may change its working directory before it crashes.
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	p := &place{dir: abs, now: time.Now, maxAge: DefaultMaxAge, wait: diskWait, lane: contain.NewLane(diskCalls)}
	if opts.MaxAge > 0 {
		p.maxAge = opts.MaxAge
	}
	if opts.Wait > 0 {
		p.wait = opts.Wait
	}
	if opts.Now != nil {
		p.now = opts.Now
	}
	most := DefaultMaxReports
	if opts.MaxReports > 0 {
		most = opts.MaxReports
	}
	return &Store{
		Reports: &Reports{place: p, kind: kindReport, most: most, survives: folder.SurvivesPowerCut, overflow: CacheOverflow},
		Events:  &Reports{place: p, kind: kindEvent, most: most, survives: folder.SurvivesPowerCut, overflow: CacheOverflow},
		Counts:  &Reports{place: p, kind: kindCount, most: maxCounts, survives: folder.SurvivesKill, overflow: CacheOverflow.OfSessions()},
		Runs:    &Runs{place: p}, Notes: &Notes{place: p}, place: p,
	}, nil
}

// Sweep makes the directory where it is missing, removes what dead writers
// left, and drops what is beyond the bounds. It is to be called at the start;
// it syncs nothing. An error says what it could not do, and keeps the Store
// from nothing.
func (s *Store) Sweep() error {
	_, err := s.Stored()
	return err
}

// Stored is Sweep that also tells which of Reports, Events and Counts have something
// stored. With an error, all of them may have.
func (s *Store) Stored() (some []*Reports, err error) {
	all := [...]*Reports{s.Reports, s.Events, s.Counts}
	l, err := s.sweep()
	for _, r := range all {
		if err != nil || len(l.reports[r.kind]) > 0 {
			some = append(some, r)
		}
	}
	return some, wrap("sweep spool", err)
}

func (s *Store) sweep() (l listing, err error) {
	d, err := s.place.openOrCreate()
	if err != nil {
		return l, err
	}
	defer d.Close()
	l, err = d.list()
	for _, reports := range []*Reports{s.Events, s.Counts, s.Reports} {
		if err == nil && reports.isBeyond(l.reports[reports.kind]) {
			l, err = reports.listWithin(d)
		}
	}
	if err != nil {
		return l, err
	}
	var errs []error
	for _, temp := range l.temps {
		errs = append(errs, d.removeDead(temp))
	}
	for _, aside := range l.aside[:max(len(l.aside)-maxAside, 0)] {
		// A directory with something in it stays: it was never ours.
		_ = d.Unlink(aside)
	}
	errs = append(errs, s.sweepRuns(d, l)...)
	return l, errors.Join(errs...)
}

// ErrNotOwn says that a directory belongs to another user, who could read what is in
// it, and put anything there.
var ErrNotOwn = errors.New("the directory belongs to another user")

// Clear removes at once everything that is stored, whoever holds it and
// whichever version wrote it: the consent was withdrawn. A Put that is writing
// fails; the caller has to see to it that none begins. What stays is the mark
// of each run that lives, which End removes. The removal is synced: a power cut
// must not bring back what was to be forgotten.
func (s *Store) Clear() error {
	return soonDone(s.place, "clear spool", s.clear)
}

func (s *Store) clear() error {
	d, err := s.place.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	if d.isEmpty() {
		return nil // and no lock is left where nothing may be
	}
	// Without the lock, an update of the state that is under way could write it
	// again; what is stored goes all the same.
	lock, lockErr := d.lock()
	if lockErr == nil {
		defer folder.LetGo(lock)
	}
	err = d.clear()
	if syncErr := d.Sync(); err == nil {
		err = syncErr
	}
	if err == nil {
		err = lockErr
	}
	return err
}

// Check returns an error if no report can ever be kept in the directory: it belongs to
// another user, is a file, this process may not write to it, or its path leads nowhere,
// whatever happens. What may pass is no error: a full disk, one that the system has made
// read-only after an error, one that hangs, a volume that is not mounted yet. With
// create, the directory is made where it is missing; without, nothing is made.
func (s *Store) Check(create bool) error {
	open := s.place.open
	if create {
		open = s.place.openOrCreate
	}
	err := soonDone(s.place, "check spool", func() error {
		err := checkOpen(open, create)
		if never := folder.Never(s.place.dir, err); never != nil {
			return never
		}
		return err
	})
	if isForGood(err) {
		return errors.Unwrap(err) // the caller says what was to be done
	}
	return nil
}

func checkOpen(open func() (*directory, error), write bool) error {
	d, err := open()
	if err != nil {
		return err
	}
	defer d.Close()
	if !d.IsOwn() {
		return ErrNotOwn
	}
	if !write {
		return nil
	}
	name := folder.RandomID() + folder.TempSuffix // which the next sweep removes after a kill
	if err := d.Touch(name); err != nil {
		return err
	}
	if err := d.Unlink(name); !errors.Is(err, fs.ErrNotExist) { // a sweep was faster
		return err
	}
	return nil
}

// isForGood tells whether err is about what the directory is, and not about its
// state at the moment.
func isForGood(err error) bool {
	for _, reason := range []error{ErrNotOwn, fs.ErrPermission, folder.ErrNoDirectory, folder.ErrLoop, folder.ErrTooLong,
		folder.ErrBadName, folder.ErrKernel} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

// wrap adds what was being done, and takes the paths out. A nil error stays nil.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, folder.Bare(err))
}
