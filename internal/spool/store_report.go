package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
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
// Drop, Retry and Release, which end the holding even where they return an
// error, or until the process dies or forgets the Report. Its methods must not
// be called at the same time.
type Report struct {
	store *Store
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
	err := r.finish(func(d *directory) error { return d.remove(r.file, r.name.String()) })
	return wrap("remove report from spool", err)
}

// Drop removes the report and counts it as lost: it was given up.
func (r *Report) Drop(why Reason) error {
	err := r.finish(func(d *directory) error { return r.store.dropOne(d, r.file, r.name, why) })
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
	return true, r.schedule(notBefore)
}

// Retry is Attempted, and gives the report back: this process has it from
// notBefore on as any other.
func (r *Report) Retry(notBefore time.Time) (kept bool, err error) {
	kept, err = r.Attempted(notBefore)
	if kept {
		err = errors.Join(err, r.Release())
	}
	return kept, err
}

// Release gives the report back as it is.
func (r *Report) Release() error {
	return wrap("give report back to spool", r.finish(func(*directory) error { return nil }))
}

// schedule counts an attempt in the name of the report, which stays held.
func (r *Report) schedule(notBefore time.Time) error {
	if latest := r.store.now().Add(MaxWait); notBefore.After(latest) {
		notBefore = latest
	}
	next := r.name
	next.n, next.ms = r.name.n+1, millis(notBefore)
	err := r.do(func(d *directory) error {
		err := d.rename(r.file, r.name.String(), next.String())
		if err == nil {
			r.name = next
		}
		return err
	})
	return wrap("schedule report in spool", err)
}

// finish ends the holding with what do does to the file.
func (r *Report) finish(do func(*directory) error) error {
	err := r.do(do)
	if r.file != nil {
		letGo(r.file)
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
	d, err := r.store.open()
	if err == nil {
		defer d.close()
		err = do(d)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Take claims the oldest report that is due and that nobody holds, and returns
// nil if there is none. It makes no directory. An error says what kept it from
// one; other reports are tried first.
func (s *Store) Take() (*Report, error) {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap("take report from spool", err)
	}
	defer d.close()
	l, err := s.listWithin(d)
	if err != nil {
		return nil, wrap("take report from spool", err)
	}
	for _, n := range l.reports {
		if s.wait(n) > 0 {
			continue
		}
		f, data, takeErr := d.take(n)
		if takeErr == nil {
			return &Report{store: s, name: n, file: f, data: data}, nil
		}
		if !ordinary(takeErr) {
			err = takeErr
		}
	}
	return nil, wrap("take report from spool", err)
}

// Claim claims the report with this id, due or not. It returns nil if the
// report is not there, or somebody else holds it.
func (s *Store) Claim(id string) (*Report, error) {
	r, err := s.claim(id)
	return r, wrap("claim report in spool", extraordinary(err))
}

func (s *Store) claim(id string) (*Report, error) {
	d, n, err := s.find(id)
	if err != nil {
		return nil, err
	}
	defer d.close()
	f, data, err := d.take(n)
	if err != nil {
		return nil, err
	}
	return &Report{store: s, name: n, file: f, data: data}, nil
}

// find returns the name of the report with this id, and the open directory.
func (s *Store) find(id string) (*directory, name, error) {
	d, err := s.open()
	if err != nil {
		return nil, name{}, err
	}
	l, err := d.list()
	if err == nil {
		for _, n := range l.reports {
			if n.id == id {
				return d, n, nil
			}
		}
		err = fs.ErrNotExist
	}
	d.close()
	return nil, name{}, err
}

// wait returns how long the report has to wait for its next attempt. One that
// has to wait longer than anybody may have told it was told by a clock that has
// been set back since: it is due.
func (s *Store) wait(n name) time.Duration {
	wait := time.UnixMilli(n.ms).Sub(s.now())
	if wait > MaxWait {
		return 0
	}
	return max(wait, 0)
}

// Info is what is known of a stored report without reading it.
type Info struct {
	ID       string
	Created  time.Time
	Attempts int
	Wait     time.Duration // until it is due; 0 if it is
}

// List returns what is stored, the oldest first, whoever holds it. It makes no
// directory, and none is an empty list.
func (s *Store) List() ([]Info, error) {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap("list spool", err)
	}
	defer d.close()
	l, err := d.list()
	if err != nil {
		return nil, wrap("list spool", err)
	}
	infos := make([]Info, 0, len(l.reports))
	for _, n := range l.reports {
		infos = append(infos, Info{ID: n.id, Created: n.time(), Attempts: n.n, Wait: s.wait(n)})
	}
	return infos, nil
}

// Read returns the bytes of a stored report, to be looked at: it is claimed by
// nobody, and may be on its way.
func (s *Store) Read(id string) ([]byte, error) {
	data, err := s.read(id)
	return data, wrap("read report from spool", err)
}

func (s *Store) read(id string) ([]byte, error) {
	d, n, err := s.find(id)
	if err != nil {
		return nil, err
	}
	defer d.close()
	f, err := d.openFile(n.String(), os.O_RDONLY, maxFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readFrame(f, kindReport, id)
}

// wrap adds what was being done, and takes the paths out. A nil error stays
// nil.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, bare(err))
}
