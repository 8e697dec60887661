package spool

import (
	"errors"
	"io/fs"
	"time"
)

// Pause keeps the time before which the server wants no reports, for the runs
// to come. It stands in the directory and not with a report: it concerns all of
// them, those too that are not made yet.
func (s *Store) Pause(until time.Time) error {
	d, err := s.openOrCreate()
	if err != nil {
		return wrap("note pause in spool", err)
	}
	defer d.close()
	err = s.update(d, func(st *state) { st.Paused = max(st.Paused, millis(until)) })
	return wrap("note pause in spool", err)
}

// Paused returns the time of Pause if it is still to come, or zero. One that is
// further away than any server may ask was noted by a clock that has been set
// back since. It makes no directory.
func (s *Store) Paused() (time.Time, error) {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, wrap("look for pause in spool", err)
	}
	defer d.close()
	st, err := d.loadState()
	if err != nil || st.Paused == 0 {
		return time.Time{}, wrap("look for pause in spool", err)
	}
	until := time.UnixMilli(st.Paused)
	if wait := until.Sub(s.now()); wait <= 0 || wait > MaxWait {
		return time.Time{}, nil
	}
	return until, nil
}
