package spool

import (
	"errors"
	"io/fs"
)

// clearPasses bounds how often Clear looks again, for a directory into which
// somebody keeps writing.
const clearPasses = 10

// Clear removes at once everything that is stored, whoever holds it and
// whichever version wrote it: the consent was withdrawn. A Put that is writing
// fails; the caller has to see to it that none begins. What stays is the mark
// of each run that lives, which End removes. The removal is synced: a power cut
// must not bring back what was to be forgotten.
func (s *Store) Clear() error {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return wrap("clear spool", err)
	}
	defer d.close()
	if d.empty() {
		return nil // and no lock is left where nothing may be
	}
	// Without the lock, an update of the state that is under way could write it
	// again; what is stored goes all the same.
	lock, lockErr := d.lock()
	if lockErr == nil {
		defer letGo(lock)
	}
	err = d.clear()
	if syncErr := syncName(d.root, nil); err == nil {
		err = syncErr
	}
	if err == nil {
		err = lockErr
	}
	return wrap("clear spool", err)
}

func (d *directory) empty() bool {
	l, err := d.list()
	_, stateErr := d.root.Lstat(stateName)
	return err == nil && len(l.all) == 0 && errors.Is(stateErr, fs.ErrNotExist)
}

func (d *directory) clear() error {
	err := d.root.Remove(stateName)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
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
		case removeErr == nil, errors.Is(removeErr, fs.ErrNotExist):
			changed++
		case !errors.Is(removeErr, errBusy):
			err = removeErr
		}
	}
	return changed, err
}

// removeAny removes a file without a look at what it is: removing follows
// nothing. Only a run that lives is spared.
func (d *directory) removeAny(s string) error {
	if kindOf(s) != kindRun {
		return d.root.Remove(s)
	}
	f, err := d.claim(s, anySize)
	if errors.Is(err, errForeign) || errors.Is(err, errOwner) {
		return d.root.Remove(s)
	}
	if err != nil {
		return err
	}
	defer letGo(f)
	return d.remove(f, s)
}
