package spool

import (
	"errors"
	"time"

	"github.com/panicreport/sentry/internal/folder"
)

// SetNow gives the store a clock of the test's.
func (s *Store) SetNow(now func() time.Time) { s.place.now = now }

// Frame returns a file as this version writes it.
func Frame(kind, id string, data []byte) []byte {
	return append([]byte(folder.Header{Kind: kind, ID: id}.Line(data)), data...)
}

// ReportName returns the name of a stored report.
func ReportName(at time.Time, id string) string {
	return name{at: millis(at), id: id, kind: kindReport}.String()
}

// RunName returns the name of a run.
func RunName(at time.Time, id string) string {
	return name{at: millis(at), id: id, kind: kindRun}.String()
}

// MarkedRunName returns the name of a run that is marked as crashed.
func MarkedRunName(at time.Time, id string, ran time.Duration) string {
	return markCrashed(name{at: millis(at), id: id, kind: kindRun}, ran).String()
}

// NameOf returns the name of a run's file.
func NameOf(r *Run) string { return r.name.String() }

// IDOf returns the id in a name that this version accepts.
func IDOf(s string) (string, bool) {
	n, ok := parseName(s)
	return n.id, ok
}

// The bounds that tests reach.
const (
	MaxAside      = maxAside
	MaxClaimed    = maxClaimed
	MaxListed     = maxListed
	MaxRuns       = maxRuns
	MaxUnreported = maxUnreported
)

// RemoveQuiet removes a run that had no crash output when it was looked at.
func RemoveQuiet(s *Store, id string) error {
	d, err := s.place.open()
	if err != nil {
		return err
	}
	defer d.Close()
	l, err := d.list()
	for _, n := range l.runs {
		if n.id == id {
			err = removeQuiet(d, n)
		}
	}
	return err
}

// Retry counts an attempt and gives the report back, as a process does that dies
// after it.
func (r *Report) Retry(notBefore time.Time) error {
	return errors.Join(r.Attempted(notBefore), r.Release())
}

// Abandon leaves a run as a process does that dies.
func Abandon(r *Run) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.letGo()
	return nil
}
