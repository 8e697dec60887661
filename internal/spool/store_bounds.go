package spool

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

const (
	// maxAside bounds the files that are set aside: enough to see that
	// something is wrong, and what.
	maxAside = 10
	// maxRuns bounds the runs of dead processes that nobody has asked for.
	maxRuns = 30
	// maxVictims bounds the files that are open at once while reports are
	// dropped.
	maxVictims = 16
)

// clockFloor is older than this package: a clock that shows less was never set,
// as on a small board before it has the time from the network, and says nothing
// about a report's age.
var clockFloor = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

// Sweep makes the directory where it is missing, removes what dead writers
// left, and drops what is beyond the bounds. It is to be called at the start;
// it syncs nothing. An error says what it could not do, and keeps the Store
// from nothing.
func (s *Store) Sweep() error {
	return wrap("sweep spool", s.sweep())
}

func (s *Store) sweep() error {
	d, err := s.openOrCreate()
	if err != nil {
		return err
	}
	defer d.close()
	l, err := s.listWithin(d)
	if err != nil {
		return err
	}
	var errs []error
	for _, temp := range l.temps {
		errs = append(errs, d.removeDead(temp))
	}
	for _, aside := range l.aside[:max(len(l.aside)-maxAside, 0)] {
		// A directory with something in it stays: it was never ours.
		_ = d.root.Remove(aside)
	}
	errs = append(errs, s.sweepRuns(d, l)...)
	return errors.Join(errs...)
}

// listWithin lists the directory, after it has dropped what is beyond the
// bounds.
func (s *Store) listWithin(d *directory) (listing, error) {
	l, err := d.list()
	if err != nil || !s.beyond(l.reports) {
		return l, err
	}
	// Not to be able to drop is no reason not to send.
	_ = s.drop(d)
	return d.list()
}

// beyond reports whether something has to be dropped.
func (s *Store) beyond(reports []name) bool {
	for _, n := range reports {
		if s.spent(n) {
			return true
		}
	}
	return len(reports) > s.maxReports
}

// spent reports whether n is not worth keeping, however few there are.
func (s *Store) spent(n name) bool {
	return s.expired(n) || n.n >= MaxAttempts
}

func (s *Store) expired(n name) bool {
	return n.time().After(clockFloor) && s.now().Sub(n.time()) > s.maxAge
}

// drop drops the oldest reports beyond the bounds, under the lock: two
// processes that each dropped the one too many would drop two. A report that
// somebody is sending is passed over.
func (s *Store) drop(d *directory) error {
	lock, err := d.lock()
	if err != nil {
		return err
	}
	defer letGo(lock)
	for {
		l, err := d.list()
		if err != nil {
			return err
		}
		victims := s.victims(d, l.reports)
		if len(victims) == 0 {
			return nil
		}
		if err := d.lose(victims); err != nil {
			return err
		}
	}
}

// victims claims what has to go. What turns out to be no report of ours counts
// neither as one that is kept nor as a loss.
func (s *Store) victims(d *directory, reports []name) []loss {
	var losses []loss
	left := len(reports)
	for _, n := range reports {
		if left <= s.maxReports && !s.spent(n) || len(losses) == maxVictims {
			continue
		}
		f, _, err := d.take(n)
		if err == nil {
			losses = append(losses, loss{file: f, name: n, why: s.reason(n)})
		}
		if !errors.Is(err, errBusy) {
			left--
		}
	}
	return losses
}

func (s *Store) reason(n name) Reason {
	if n.n >= MaxAttempts {
		return NetworkError
	}
	return CacheOverflow
}

// sweepRuns removes what is left of runs beyond the bounds, and crash output
// whose run is gone.
func (s *Store) sweepRuns(d *directory, l listing) (errs []error) {
	for i, n := range l.runs {
		if len(l.runs)-i > maxRuns || s.expired(n) {
			errs = append(errs, d.removeRun(n))
		}
	}
	for _, crash := range l.crashes {
		if !l.hasRun(crash) && !d.hasRunNow(crash) {
			errs = append(errs, d.removeDead(crash))
		}
	}
	return errs
}

func (l *listing) hasRun(crash string) bool {
	for _, n := range l.runs {
		if crashName(n.id) == crash {
			return true
		}
	}
	return false
}

// hasRunNow looks a second time: a run that is renamed while the directory is
// read may not be in the list.
func (d *directory) hasRunNow(crash string) bool {
	l, err := d.list()
	return err != nil || l.hasRun(crash)
}

// removeDead removes a file if nobody holds it.
func (d *directory) removeDead(s string) error {
	f, err := d.claim(s, anySize)
	if errors.Is(err, errForeign) {
		d.setAside(s)
	}
	if err != nil {
		return extraordinary(err)
	}
	defer letGo(f)
	return d.remove(f, s)
}

// removeRun removes a run and its crash output if the run is dead.
func (d *directory) removeRun(n name) error {
	f, _, err := d.take(n)
	if err != nil {
		return extraordinary(err)
	}
	defer letGo(f)
	return d.removeHeldRun(f, n)
}

// removeHeldRun removes the crash output first: the other way round, a kill
// between the two would leave it without a run.
func (d *directory) removeHeldRun(f *os.File, n name) error {
	if err := d.root.Remove(crashName(n.id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return d.remove(f, n.String())
}

// extraordinary returns err if it is worth a word.
func extraordinary(err error) error {
	if ordinary(err) {
		return nil
	}
	return err
}
