// Package ledger keeps apart the panics of this process that are taken care of,
// so that they are not reported again from outside when the process dies of
// them: their report is on disk, or was accepted, or is not wanted.
//
// A report is open from the moment it is made until its fate is known, and
// settled from then on. A panic is known by keys, which whoever reads the crash
// text of the process finds there again; see event.Builder.Keys. The ledger only
// remembers: [Ledger.State] is for whoever writes it down.
package ledger

import (
	"slices"
	"sync"
)

const (
	// maxSettled keys are remembered of panics that were reported. One that
	// kills the process does so at once; others are those that a framework
	// recovers above the guard.
	maxSettled = 64

	// maxOpen bounds the reports whose fate is not known.
	maxOpen = 1024
)

// A State is what a ledger says, for another process.
type State struct {
	Reported []string          `json:"reported,omitempty"` // keys of settled reports
	Open     map[string]string `json:"open,omitempty"`     // event ids of open reports, by key
}

// A Ledger may be used from several goroutines. Its zero value is empty.
type Ledger struct {
	mu      sync.Mutex
	open    map[string]*entry // by event id
	settled []string          // keys, the oldest first
}

// An entry is a report whose fate is not known.
type entry struct {
	keys []string
	sent bool
}

// Open notes a report that is being made, with the keys of its panic. It tells
// whether an earlier panic had one of them: that one is over, and says nothing of
// this one any more.
func (l *Ledger) Open(id string, keys []string) (again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil || len(l.open) >= maxOpen {
		l.open = make(map[string]*entry)
	}
	l.open[id] = &entry{keys: keys}
	before := len(l.settled)
	l.settled = slices.DeleteFunc(l.settled, func(key string) bool { return slices.Contains(keys, key) })
	return len(l.settled) != before
}

// Sent notes that a report has passed the hooks of the application.
func (l *Ledger) Sent(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.open[id]; e != nil {
		e.sent = true
	}
}

// IsOpen tells whether the fate of a report is not known.
func (l *Ledger) IsOpen(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open[id] != nil
}

// Settle notes that the panic of a report needs none from outside. It tells
// whether that has changed the State.
func (l *Ledger) Settle(id string) (changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.settle(id)
}

// SettleUnsent is Settle for a report that a hook or a limit has held back. It
// leaves others as they are.
func (l *Ledger) SettleUnsent(id string) (changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.open[id]; e == nil || e.sent {
		return false
	}
	return l.settle(id)
}

func (l *Ledger) settle(id string) (changed bool) {
	e := l.open[id]
	if e == nil {
		return false
	}
	delete(l.open, id)
	l.settled = append(l.settled, e.keys...)
	l.settled = l.settled[max(len(l.settled)-maxSettled, 0):]
	return len(e.keys) > 0
}

// State copies what the ledger says: of open reports, not more than it remembers
// of others.
func (l *Ledger) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := State{Reported: slices.Clone(l.settled), Open: map[string]string{}}
	for id, e := range l.open {
		for _, key := range e.keys {
			s.Open[key] = id
		}
		if len(s.Open) >= maxSettled {
			break
		}
	}
	return s
}
