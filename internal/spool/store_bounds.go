package spool

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// maxAside bounds the files that are set aside: enough to see that
	// something is wrong, and what.
	maxAside = 10
	// maxRuns bounds the runs of dead processes that have nothing to report:
	// only the newest says how the previous run ended.
	maxRuns = 30
	// maxUnreported bounds those with crash output. As many processes may die
	// at once, each with a monitor that sweeps before it reports. A mark and a
	// file each; the reports that come of them have the spool's own bound.
	maxUnreported = 300
	// maxVictims bounds the files that are open at once while reports and runs
	// are dropped.
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
	quiet, unreported := d.byOutput(l.runs)
	for _, n := range s.runsBeyond(maxRuns, quiet) {
		errs = append(errs, d.removeQuiet(n))
	}
	for batch := range slices.Chunk(s.runsBeyond(maxUnreported, unreported), maxVictims) {
		errs = append(errs, d.loseRuns(batch))
	}
	if l.cut() {
		return errs // what is not in it may be there
	}
	for _, crash := range l.crashes {
		if !l.hasRun(crash) && !d.hasRunNow(crash) {
			errs = append(errs, d.removeDead(crash))
		}
	}
	return errs
}

// byOutput tells the runs that have crash output from those that have none.
// Marked as crashed or not: what was reported has none any more, and a process
// that marks itself, as those of earlier versions, has its output after that.
func (d *directory) byOutput(runs []name) (quiet, unreported []name) {
	for _, n := range runs {
		if _, ok := d.crashOutput(n.id); ok {
			unreported = append(unreported, n)
		} else {
			quiet = append(quiet, n)
		}
	}
	return quiet, unreported
}

// runsBeyond returns those that have to go, the oldest first. Runs that live
// count, too: only a claim could tell, and a claim in passing would be in the
// way of whoever reports.
func (s *Store) runsBeyond(bound int, runs []name) []name {
	var beyond []name
	for i, n := range runs {
		if len(runs)-i > bound || s.expired(n) {
			beyond = append(beyond, n)
		}
	}
	return beyond
}

// loseRuns drops runs whose crash nobody has reported, and counts them. One
// whose process had reported the panic itself is a loss too many.
func (d *directory) loseRuns(runs []name) error {
	lock, err := d.lock()
	if err != nil {
		return err
	}
	defer letGo(lock)
	var losses []loss
	for _, n := range runs {
		f, _, takeErr := d.take(n)
		if takeErr == nil {
			losses = append(losses, loss{file: f, name: n, why: CacheOverflow})
		}
		err = errors.Join(err, extraordinary(takeErr))
	}
	return errors.Join(err, d.lose(losses))
}

func (l *listing) hasRun(crash string) bool {
	id := strings.TrimSuffix(crash, "."+kindCrash)
	for _, n := range l.runs {
		if n.id == id {
			return true
		}
	}
	return false
}

// hasRunNow looks a second time: a run that is renamed while the directory is
// read may not be in the list.
func (d *directory) hasRunNow(crash string) bool {
	l, err := d.list()
	return err != nil || l.cut() || l.hasRun(crash)
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

// removeQuiet removes a run if it is dead, and still has no crash output: its
// process may have died since it was looked at.
func (d *directory) removeQuiet(n name) error {
	f, _, err := d.take(n)
	if err != nil {
		return extraordinary(err)
	}
	defer letGo(f)
	if _, ok := d.crashOutput(n.id); ok {
		return nil
	}
	return d.removeHeldRun(f, n)
}

// removeHeld removes a report or a run.
func (d *directory) removeHeld(f *os.File, n name) error {
	if n.kind == kindRun {
		return d.removeHeldRun(f, n)
	}
	return d.remove(f, n.String())
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
