package spool

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/panicreport/sentry/internal/folder"
)

const (
	// maxClaimed bounds the runs that DeadRuns claims at once. Each is an open
	// file, and macOS lets a program have 256 that does not ask for more.
	maxClaimed = 30
	// maxLooked bounds the marks that DeadRuns reads at once: each has up to 256 KiB,
	// and somebody may have planted any number that are none. Those are set aside,
	// so that the next call comes to others.
	maxLooked = 100
	// maxRuns bounds the runs of dead processes that have nothing to report:
	// only the newest says how the previous run ended.
	maxRuns = 30
	// maxUnreported bounds those with crash output. As many processes may die
	// at once, each with a monitor that sweeps before it reports. A mark and a
	// file each; the reports that come of them have the spool's own bound.
	maxUnreported = 300
)

// Runs are the marks of the processes that use the directory, and of those that
// died there.
type Runs struct{ *place }

// Begin marks the start of a run. The metadata, of at most 256 KiB, is handed
// to whoever finds the run dead. Nothing is synced: a power cut at this moment
// is no crash of the program's.
func (s *Runs) Begin(meta []byte) (*Run, error) {
	return soon(s.place, "mark run in spool", func() (*Run, error) { return s.begin(meta) }, func(r *Run) { _ = r.End() })
}

func (s *Runs) begin(meta []byte) (*Run, error) {
	d, err := s.openOrCreate()
	if err != nil {
		return nil, err
	}
	n := name{at: millis(s.now()), id: folder.RandomID(), kind: kindRun}
	f, err := writeRun(d, n, meta)
	if err != nil {
		d.Close()
		return nil, err
	}
	s.settle(d)
	return &Run{place: s.place, dir: d, name: n, file: f}, nil
}

// DeadRuns claims the runs that ended without a clean end and that nobody else
// has claimed, and returns them the oldest first. A process that lives is never
// among them. Of more than 30 it claims the newest, so that the last one is how
// the run before this ended; the others are for the next call, here or at
// another start. It makes no directory.
func (s *Runs) DeadRuns() ([]*DeadRun, error) {
	type found struct {
		runs []*DeadRun
		err  error // of some; others were found
	}
	release := func(f found) {
		for _, r := range f.runs {
			r.Release()
		}
	}
	f, err := soon(s.place, "look for dead runs", func() (f found, err error) {
		f.runs, f.err, err = s.deadRuns()
		return f, err
	}, release)
	if err == nil {
		err = wrap("look for dead runs", f.err)
	}
	return f.runs, err
}

func (s *Runs) deadRuns() (runs []*DeadRun, some, err error) {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer d.Close()
	l, err := d.list()
	if err != nil {
		return nil, nil, err
	}
	for _, n := range slices.Backward(l.runs[max(len(l.runs)-maxLooked, 0):]) {
		r, takeErr := s.claim(d, n)
		if takeErr == nil {
			runs = append(runs, r)
		} else if !folder.Ordinary(takeErr) {
			some = takeErr
		}
		if len(runs) == maxClaimed {
			break
		}
	}
	slices.Reverse(runs)
	return runs, some, nil
}

// DeadRun claims one run by its id, as DeadRuns does all. It returns nil if there
// is none any more: it has ended, or another process reports it. held says that
// its process, or whoever claims it, still lives.
func (s *Runs) DeadRun(id string) (r *DeadRun, held bool, err error) {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, wrap("look for dead run", err)
	}
	defer d.Close()
	l, err := d.list()
	for _, n := range l.runs {
		if n.id != id {
			continue
		}
		if r, err = s.claim(d, n); err != nil && folder.Ordinary(err) {
			return nil, errors.Is(err, folder.ErrBusy), nil
		}
		break
	}
	return r, false, wrap("look for dead run", err)
}

func (s *Runs) claim(d *directory, n name) (*DeadRun, error) {
	f, meta, err := d.take(n)
	if err != nil {
		return nil, err
	}
	r := &DeadRun{ID: n.id, Meta: meta, Started: n.time(), place: s.place, name: n, file: f}
	output, err := d.crashOutput(n.id)
	if err != nil { // nobody knows whether it crashed: for the next start
		folder.LetGo(f)
		return nil, err
	}
	if output != nil {
		r.CrashSize = output.Size()
	}
	switch {
	case n.n != 0:
		r.Crashed, r.Ran = true, time.Duration(n.ms)*time.Millisecond
	case output != nil: // by the clocks of then
		r.Crashed, r.Ran = true, max(output.ModTime().Sub(n.time()), 0)
	}
	return r, nil
}

// Watch opens the files of a run that lives.
func (s *Runs) Watch(id string) (*Watched, error) {
	return soon(s.place, "watch run in spool", func() (*Watched, error) {
		d, err := s.open()
		if err != nil {
			return nil, err
		}
		crash, err := d.OpenFile(crashName(id), folder.AnySize)
		if err != nil {
			d.Close()
			return nil, err
		}
		w := &Watched{place: s.place, dir: d, crash: crash}
		w.notes, _ = d.OpenFile(toldName(id), maxTold)
		return w, nil
	}, (*Watched).Close)
}

// sweepRuns removes what is left of runs beyond the bounds, and the parts of runs
// that are gone.
func (s *Runs) sweepRuns(d *directory, l listing) (errs []error) {
	quiet, unreported := byOutput(d, l.runs)
	for _, n := range s.beyond(maxRuns, quiet) {
		errs = append(errs, removeQuiet(d, n))
	}
	for batch := range slices.Chunk(s.beyond(maxUnreported, unreported), maxVictims) {
		errs = append(errs, loseRuns(d, batch))
	}
	if l.isCut() {
		return errs // what is not in it may be there
	}
	for _, part := range l.parts {
		if !l.hasRun(part) && !hasRunNow(d, part) {
			errs = append(errs, d.removeDead(part))
		}
	}
	return errs
}

// beyond returns those that have to go, the oldest first. Runs that live count,
// too: only a claim could tell, and a claim in passing would be in the way of
// whoever reports.
func (s *Runs) beyond(bound int, runs []name) []name {
	var beyond []name
	for i, n := range runs {
		if len(runs)-i > bound || s.isExpired(n) {
			beyond = append(beyond, n)
		}
	}
	return beyond
}

// byOutput tells the runs that have crash output from those that have none.
// Marked as crashed or not: what was reported has none any more, and a process
// that marks itself, as those of earlier versions, has its output after that.
func byOutput(d *directory, runs []name) (quiet, unreported []name) {
	for _, n := range runs {
		switch output, err := d.crashOutput(n.id); {
		case err != nil: // for another sweep
		case output != nil:
			unreported = append(unreported, n)
		default:
			quiet = append(quiet, n)
		}
	}
	return quiet, unreported
}

// loseRuns drops runs whose crash nobody has reported, and counts them. One
// whose process had reported the panic itself is a loss too many.
func loseRuns(d *directory, runs []name) error {
	lock, err := d.lock()
	if err != nil {
		return err
	}
	defer folder.LetGo(lock)
	var losses []loss
	for _, n := range runs {
		f, _, takeErr := d.take(n)
		if takeErr == nil {
			losses = append(losses, loss{file: f, name: n, why: CacheOverflow})
		}
		err = errors.Join(err, folder.Extraordinary(takeErr))
	}
	return errors.Join(err, lose(d, losses))
}

// removeQuiet removes a run if it is dead, and still has no crash output: its
// process may have died since it was looked at.
func removeQuiet(d *directory, n name) error {
	f, _, err := d.take(n)
	if err != nil {
		return folder.Extraordinary(err)
	}
	defer folder.LetGo(f)
	if output, err := d.crashOutput(n.id); output != nil || err != nil {
		return err
	}
	return d.removeHeld(f, n)
}

// hasRunNow looks a second time: a run that is renamed while the directory is
// read may not be in the list.
func hasRunNow(d *directory, part string) bool {
	l, err := d.list()
	return err != nil || l.isCut() || l.hasRun(part)
}
