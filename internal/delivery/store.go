package delivery

import (
	"slices"
	"time"

	"github.com/panicreport/sentry/internal/spool"
)

// A Store keeps reports over the end of the process. There is one, [InSpool]. It is an
// interface so that the linker leaves the code of package spool out of a program that
// has no spool: a third of this library.
type Store interface {
	Stored() ([]Kind, error) // which it has, after a look for what is to go
	Clear() error
	Waits() (paused time.Time, outage spool.Outage, err error)
	Pause(until time.Time) error
	NoteOutage(spool.Outage) error
	TakeLost() (map[spool.Reason]int, error)
	AddLost(map[spool.Reason]int) error

	shelf(Kind) shelf
}

// A shelf has the reports of a kind, see spool.Reports.
type shelf interface {
	Put(id string, data []byte) (stored, error)
	Claim(id string) (stored, error)
	Take() (stored, error)
	List() ([]spool.Info, error)
	Most() int
}

// A stored report is a *spool.Report.
type stored interface {
	ID() string
	Data() []byte
	Attempts() int
	Attempted(notBefore time.Time) error
	Remove() error
	Drop(spool.Reason) error
	Release() error
}

// A Spool is a Store in a directory.
type Spool struct{ *spool.Store }

// InSpool returns a Store in a directory.
func InSpool(s *spool.Store) Spool { return Spool{s} }

func (s Spool) Stored() (some []Kind, err error) {
	stored, err := s.Store.Stored()
	for _, kind := range kinds {
		if slices.Contains(stored, s.reports(kind)) {
			some = append(some, kind)
		}
	}
	return some, err
}

func (s Spool) shelf(kind Kind) shelf { return spoolShelf{s.reports(kind)} }

func (s Spool) reports(kind Kind) *spool.Reports {
	switch kind {
	case Event:
		return s.Events
	case Count:
		return s.Counts
	default:
		return s.Store.Reports
	}
}

type spoolShelf struct{ *spool.Reports }

func (s spoolShelf) Put(id string, data []byte) (stored, error) {
	return orNone(s.Reports.Put(id, data))
}

func (s spoolShelf) Claim(id string) (stored, error) { return orNone(s.Reports.Claim(id)) }

func (s spoolShelf) Take() (stored, error) { return orNone(s.Reports.Take()) }

// orNone is nil where there is no report.
func orNone(r *spool.Report, err error) (stored, error) {
	if r == nil {
		return nil, err
	}
	return r, err
}
