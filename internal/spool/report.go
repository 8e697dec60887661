package spool

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

const (
	// maxAttempts is what a name has room for; more are not told apart.
	maxAttempts = 9
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

// Attempts returns how often the report was tried before; nine stands for more.
func (r *Report) Attempts() int { return r.name.n }

// Remove removes the report: the server has accepted it. No sync: what a power
// cut brings back is sent again under the same event id.
func (r *Report) Remove() error {
	return r.finish("remove report from spool", func(d *directory, f *os.File, n name) error {
		return d.removeHeld(f, n)
	})
}

// Drop removes the report and counts it as lost: it was given up.
func (r *Report) Drop(why Reason) error {
	return r.finish("drop report from spool", func(d *directory, f *os.File, n name) error {
		err := changeState(d, func(st *state) { st.lose(why, 1) })
		return errors.Join(err, d.removeHeld(f, n))
	})
}

// Release gives the report back as it is.
func (r *Report) Release() error {
	return r.finish("give report back to spool", func(*directory, *os.File, name) error { return nil })
}

// finish ends the holding with what do does to the file. A report that is gone,
// because of Clear or with its directory, has nothing left to be done.
func (r *Report) finish(what string, do func(*directory, *os.File, name) error) error {
	f, n := r.file, r.name
	if f == nil {
		return wrap(what, errReleased)
	}
	r.file = nil
	return r.place.letGo(what, f, func(d *directory) error { return do(d, f, n) })
}

// Attempted counts an attempt that failed, and goes on holding the report. If
// this process does not deliver it, others may try from notBefore on, at most
// MaxWait from now.
func (r *Report) Attempted(notBefore time.Time) error {
	f, n := r.file, r.name
	if f == nil {
		return wrap("schedule report in spool", errReleased)
	}
	if latest := r.place.now().Add(MaxWait); notBefore.After(latest) {
		notBefore = latest
	}
	next := n
	next.n, next.ms = min(n.n+1, maxAttempts), millis(notBefore)
	now, err := soon(r.place, "schedule report in spool", func() (name, error) {
		d, err := r.place.open()
		if err == nil {
			defer d.Close()
			err = d.Rename(f, n.String(), next.String())
		}
		if errors.Is(err, fs.ErrNotExist) {
			return n, nil // it is gone
		}
		return next, err
	}, func(name) {})
	if err == nil {
		r.name = now
	}
	return err
}
