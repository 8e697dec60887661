package reporter

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/panics"
)

// builders is how many reports are described at a time: an event takes some 100 kB
// until it is sent, and thousands of goroutines may panic at once.
const builders = 8

// maxBegun bounds the panics that wait to be described: each costs a goroutine. A
// program with more of them does not get better reports by more.
const maxBegun = 16384

var (
	building = make(chan struct{}, builders)
	begun    atomic.Int64
)

// A Report is one that is being made of a panic.
type Report struct {
	reporter *Reporter
	id       sentry.EventID
	end      func() // of Sender.Begin
}

// Begin announces the report of a panic, so that Flush waits for it. It is nil if
// too many are being made already: then it counts as lost.
func Begin(r *Reporter) *Report {
	if begun.Add(1) > maxBegun {
		begun.Add(-1)
		r.sender.Lose()
		return nil
	}
	id := event.NewID()
	return &Report{reporter: r, id: id, end: r.sender.Begin(string(id))}
}

// Panic takes a panic all the way. It returns when the report is safe, or it makes
// no sense to wait longer. It is called once.
func (p *Report) Panic(ctx context.Context, observed panics.Panic) {
	defer p.reporter.await(string(p.id)) // deferred: a hook may end this goroutine
	defer begun.Add(-1)
	defer p.end()
	building <- struct{}{}
	defer func() { <-building }()
	// A storm waits for its turn while the server takes it; nobody waits for this
	// goroutine longer than a guard does.
	p.reporter.sender.WaitRoom(time.Now().Add(p.reporter.config.FlushTimeout))
	p.reporter.panic(ctx, p.id, observed)
}
