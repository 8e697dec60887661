package spool

import "time"

// SetNow gives the store a clock of the test's.
func (s *Store) SetNow(now func() time.Time) { s.now = now }

// Frame returns a file as this version writes it.
func Frame(kind, id string, data []byte) []byte {
	return append([]byte(frameHeader(kind, id, data)), data...)
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
	return crashed(name{at: millis(at), id: id, kind: kindRun}, ran).String()
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
	MaxKeys       = maxKeys
	MaxListed     = maxListed
	MaxRuns       = maxRuns
	MaxUnreported = maxUnreported
)

// RemoveQuiet removes a run that had no crash output when it was looked at.
func RemoveQuiet(s *Store, id string) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	defer d.close()
	l, err := d.list()
	for _, n := range l.runs {
		if n.id == id {
			err = d.removeQuiet(n)
		}
	}
	return err
}
