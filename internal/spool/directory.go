package spool

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/panicreport/sentry/internal/folder"
)

const (
	// maxListed bounds the memory for a directory that somebody filled with
	// names like ours. More than the bounds let stay, which is about 900.
	maxListed = 1200

	// lockWait bounds the wait for the lock. Nobody holds it for as much as a
	// millisecond but on a disk that hangs, or while the process is stopped;
	// and a dying process may wait five seconds in all.
	lockWait = time.Second
	lockPoll = time.Millisecond
	// maxLock: the lock file has nothing in it.
	maxLock = 4 << 10
)

// A directory is that of a Store, open: a folder whose names are those of this
// package.
type directory struct{ *folder.Folder }

// A listing is what is in a directory, by kind, the oldest first.
type listing struct {
	reports      map[string][]name // by kind
	runs         []name
	parts        []string // of runs: crash output, what was told, last moments
	temps, aside []string
	all          []string // every name of ours, those of later versions too
}

// list reads the names, and opens nothing: they say all that has to be known of
// a file before it is taken.
func (d *directory) list() (listing, error) {
	l := listing{reports: make(map[string][]name)}
	err := d.Names(func(s string) bool {
		l.add(s)
		return !l.isCut()
	})
	if err != nil {
		return l, err
	}
	byAge := func(a, b name) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) }
	for _, reports := range l.reports {
		slices.SortFunc(reports, byAge)
	}
	slices.SortFunc(l.runs, byAge)
	slices.Sort(l.aside)
	return l, nil
}

// isCut tells whether there may be more in the directory.
func (l *listing) isCut() bool { return len(l.all) >= maxListed }

func (l *listing) add(s string) {
	kind := kindOf(s)
	if kind == "" {
		return
	}
	l.all = append(l.all, s)
	switch n, ok := parseName(s); {
	case kind == kindCrash, kind == kindTold, kind == kindLast:
		l.parts = append(l.parts, s)
	case kind == kindTemp:
		l.temps = append(l.temps, s)
	case kind == kindBad:
		l.aside = append(l.aside, s)
	case ok && holdsReports(kind):
		l.reports[kind] = append(l.reports[kind], n)
	case ok && kind == kindRun:
		l.runs = append(l.runs, n)
	}
}

// hasRun tells whether the run is listed to which a part belongs.
func (l *listing) hasRun(part string) bool {
	id, _, _ := strings.Cut(part, ".")
	return slices.ContainsFunc(l.runs, func(n name) bool { return n.id == id })
}

// isEmpty tells whether there is nothing to be cleared.
func (d *directory) isEmpty() bool {
	l, err := d.list()
	return err == nil && len(l.all) == 0 && !d.Has(stateName)
}

// take claims the report or run n and returns its data. What is none of ours it
// sets aside.
func (d *directory) take(n name) (*os.File, []byte, error) {
	most := int64(MaxSize)
	if n.kind == kindRun {
		most = maxMeta
	}
	return d.Take(n.String(), folder.Header{Kind: n.kind, ID: n.id}, most, d.setAside)
}

// setAside renames what is none of ours, so that it is looked at once. Where
// that fails, it stays as it is, and is passed over again next time.
func (d *directory) setAside(s string) {
	_ = d.Move(s, asideName(time.Now()))
}

// lock waits for the lock of the directory. It is no lock for reports: these
// are claimed one by one, so that a process that is stopped at a bad moment
// keeps nobody else from storing and sending.
func (d *directory) lock() (*os.File, error) {
	deadline := time.Now().Add(lockWait)
	for {
		f, err := d.Claim(lockName, maxLock)
		if err == nil {
			return f, nil
		}
		if err := d.unblockLock(err); err != nil {
			return nil, err
		}
		if time.Now().After(deadline) {
			return nil, err
		}
	}
}

// unblockLock does what lets the next try to claim the lock succeed.
func (d *directory) unblockLock(err error) error {
	switch {
	case errors.Is(err, folder.ErrBusy):
		time.Sleep(lockPoll)
		return nil
	case errors.Is(err, folder.ErrForeign), errors.Is(err, folder.ErrOwner):
		return d.Move(lockName, asideName(time.Now()))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return d.Touch(lockName)
}

// removeDead removes a file if nobody holds it.
func (d *directory) removeDead(s string) error {
	f, err := d.Claim(s, folder.AnySize)
	if errors.Is(err, folder.ErrForeign) {
		d.setAside(s)
	}
	if err != nil {
		return folder.Extraordinary(err)
	}
	defer folder.LetGo(f)
	return d.Remove(f, s)
}

// removeHeld removes a report or a run. Of a run it removes the parts first: the
// other way round, a kill between the two would leave them without a run.
func (d *directory) removeHeld(f *os.File, n name) error {
	if n.kind == kindRun {
		if err := d.removeParts(n.id); err != nil {
			return err
		}
	}
	return d.Destroy(f, n.String())
}

// removeParts removes what belongs to a run beside its mark.
func (d *directory) removeParts(run string) error {
	return errors.Join(d.Discard(crashName(run)), d.Discard(toldName(run)), d.Discard(lastName(run)))
}

// crashOutput returns what is known of the crash output of a run; nil if there is
// none.
func (d *directory) crashOutput(run string) (fs.FileInfo, error) {
	info, err := d.Stat(crashName(run))
	if err != nil || info.Size() == 0 {
		return nil, folder.Extraordinary(err)
	}
	return info, nil
}

// clear removes everything, for [Store.Clear].
func (d *directory) clear() error {
	err := d.Unlink(stateName)
	for range clearPasses {
		l, listErr := d.list()
		if listErr != nil {
			return listErr
		}
		changed, removeErr := d.removeAll(l.all)
		if changed == 0 {
			return errors.Join(err, removeErr)
		}
	}
	return err
}

// removeAll tells how many of the names are not there any more. One that somebody
// else has taken away may have become another: an attempt renames its report.
func (d *directory) removeAll(names []string) (changed int, err error) {
	for _, s := range names {
		switch removeErr := d.removeAny(s); {
		case removeErr == nil:
			changed++
		case errors.Is(removeErr, fs.ErrNotExist):
			changed++
		case !errors.Is(removeErr, folder.ErrBusy):
			err = removeErr
		}
	}
	return changed, err
}

// removeAny removes a file without a look at what it is. Only a run that lives
// is spared.
func (d *directory) removeAny(s string) error {
	if kindOf(s) != kindRun {
		return d.Unlink(s)
	}
	f, err := d.Claim(s, folder.AnySize)
	if errors.Is(err, folder.ErrForeign) || errors.Is(err, folder.ErrOwner) {
		return d.Unlink(s)
	}
	if err != nil {
		return err
	}
	defer folder.LetGo(f)
	return d.Remove(f, s)
}
