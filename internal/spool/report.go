package spool

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/panicreport/sentry/internal/folder"
)

const (
	// MaxAttempts bounds how often a report is tried, over all runs: what fails
	// five times, with growing pauses, is wrong with the report or the
	// configuration.
	MaxAttempts = 5
	// MaxWait bounds the time until the next attempt, and so what a server, or
	// a clock that was set back, can make of it.
	MaxWait = 24 * time.Hour
)

var errReleased = errors.New("report was given back")

// A Report is a stored report that this process holds: until one of Remove,
// Drop and Release, which end the holding even where they return an error, or
// until the process dies or forgets the Report. Its methods must not be called
// at the same time.
type Report struct {
	place *place
	name  name
	file  *os.File
	data  []byte
}

// ID returns the event id.
func (r *Report) ID() string { return r.name.id }

// Data returns the bytes that were Put. The caller must not change them.
func (r *Report) Data() []byte { return r.data }

// Created returns when the report was Put, by the clock of then.
func (r *Report) Created() time.Time { return r.name.time() }

// Attempts returns how often the report was tried before.
func (r *Report) Attempts() int { return r.name.n }

// Remove removes the report: the server has accepted it. No sync: what a power
// cut brings back is sent again under the same event id.
func (r *Report) Remove() error {
	err := r.finish(func(d *directory) error { return d.Remove(r.file, r.name.String()) })
	return wrap("remove report from spool", err)
}

// Drop removes the report and counts it as lost: it was given up.
func (r *Report) Drop(why Reason) error {
	err := r.finish(func(d *directory) error {
		err := changeState(d, func(st *state) { st.lose(why, 1) })
		return errors.Join(err, d.Remove(r.file, r.name.String()))
	})
	return wrap("drop report from spool", err)
}

// Attempted counts an attempt that failed, and goes on holding the report. If
// this process does not deliver it, others may try from notBefore on, at most
// MaxWait from now. After the last attempt the report is dropped for
// NetworkError and no longer held: kept is false.
func (r *Report) Attempted(notBefore time.Time) (kept bool, err error) {
	if r.name.n+1 >= MaxAttempts {
		return false, r.Drop(NetworkError)
	}
	if latest := r.place.now().Add(MaxWait); notBefore.After(latest) {
		notBefore = latest
	}
	next := r.name
	next.n, next.ms = r.name.n+1, millis(notBefore)
	err = r.do(func(d *directory) error {
		err := d.Rename(r.file, r.name.String(), next.String())
		if err == nil {
			r.name = next
		}
		return err
	})
	return true, wrap("schedule report in spool", err)
}

// Release gives the report back as it is.
func (r *Report) Release() error {
	return wrap("give report back to spool", r.finish(func(*directory) error { return nil }))
}

// finish ends the holding with what do does to the file.
func (r *Report) finish(do func(*directory) error) error {
	err := r.do(do)
	if r.file != nil {
		folder.LetGo(r.file)
		r.file = nil
	}
	return err
}

// do does something to the file. A report that is gone, because of Clear or
// with its directory, has nothing left to be done.
func (r *Report) do(do func(*directory) error) error {
	if r.file == nil {
		return errReleased
	}
	d, err := r.place.open()
	if err == nil {
		defer d.Close()
		err = do(d)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
