package reporter

import (
	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/delivery"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/gate"
	"github.com/panicreport/sentry/internal/spool"
)

// parts are those that not every program has. Each is here as the function that makes
// it, which only the option that asks for it names: so the linker leaves the part out
// of other programs.
type parts struct {
	dir      string                                    // of the spool
	open     func(dir string) (Store, error)           // nil without a spool
	ownWords func(event.Program, contain.Logger) words // nil if every word may leave
}

// A Store is a spool.
type Store interface {
	delivery.Store
	gate.Counts
	Check(create bool) error
}

// UseSpool keeps reports in the directory dir. An empty one is none.
func (p *parts) UseSpool(dir string) {
	p.dir, p.open = dir, nil
	if dir != "" {
		p.open = openSpool
	}
}

func openSpool(dir string) (Store, error) {
	store, err := spool.New(dir, spool.Options{})
	if err != nil {
		return nil, err
	}
	return delivery.InSpool(store), nil
}

// Directory is where the reporter keeps reports, for what is there besides. It needs
// a spool.
func Directory(r *Reporter) *spool.Store { return r.store.(delivery.Spool).Store }

// HasSpool tells whether there is a directory.
func (p *parts) HasSpool() bool { return p.open != nil }

// Spool is the directory, or empty.
func (p *parts) Spool() string { return p.dir }

// KeepOwnWords lets only the program's own words leave, or every word.
func (p *parts) KeepOwnWords(yes bool) {
	p.ownWords = nil
	if yes {
		p.ownWords = newOwnWords
	}
}

// HasOwnWords tells whether only they leave.
func (p *parts) HasOwnWords() bool { return p.ownWords != nil }

func (p *parts) words(program event.Program, log contain.Logger) words {
	if p.ownWords == nil {
		return everyWord{}
	}
	return p.ownWords(program, log)
}
