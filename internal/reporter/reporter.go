// Package reporter is the way of a report from a crash to the server: gate,
// event, the application's hooks, scrubber, spool, delivery, in this order and
// once each, whoever has seen the crash. A [Reporter] is one configuration at
// work.
//
// It catches nothing: the guards bring panics to [Report.Panic], and package
// lifetime brings the deaths of processes to [Reporter.Death].
//
//	r, err := reporter.New(config)
//	former := reporter.Install(r)
//	…
//	p, fresh := panics.Observe(value)
//	reporter.Begin(r).Panic(ctx, p)
package reporter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/client"
	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/delivery"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/gate"
	"github.com/panicreport/sentry/internal/ledger"
	"github.com/panicreport/sentry/internal/panics"
	"github.com/panicreport/sentry/internal/scrub"
	"github.com/panicreport/sentry/internal/vitals"
)

// A Reporter may be used from several goroutines.
type Reporter struct {
	config   Config
	program  event.Program // without the tags of SetTag
	log      contain.Logger
	gate     *gate.Gate
	builder  event.Builder
	client   *client.Client
	scrubber *scrub.Scrubber
	own      words
	store    Store // nil without a spool
	sender   *delivery.Sender
	ledger   *ledger.Ledger
	witness  Witness

	ctx        context.Context // ends with Close
	stop       context.CancelFunc
	panicBegan atomic.Pointer[time.Time]
}

// A Witness sees the death of this process from outside. The zero value is nobody.
type Witness struct {
	Sends   bool   // it sends at once what is on disk when the process has died
	Tagged  func() // called when Program has changed
	Forget  func() // called when consent is withdrawn
	Touched func() // called with each report: is the directory still there?
}

// SetWitness is called before the reporter is installed, if at all.
func (r *Reporter) SetWitness(w Witness) {
	r.witness = w
	if w.Sends {
		r.sender.LeaveFor(leaveFor)
	}
}

// leaveFor is how long a report that is on disk is left to the witness: the panic
// may be the end of the process, and then both would send it.
const leaveFor = time.Second

// processLedger is the ledger of this process, whatever reporter is at work.
var processLedger ledger.Ledger

// Ledger is the ledger of this process.
func Ledger() *ledger.Ledger { return &processLedger }

// current is the reporter at work, nil while reporting is off.
var current atomic.Pointer[Reporter]

// Current returns the reporter at work, or nil while reporting is off.
func Current() *Reporter { return current.Load() }

// Install puts next in the place of the reporter at work, which it returns. With
// nil, reporting is off.
func Install(next *Reporter) (former *Reporter) {
	former = current.Swap(next)
	if next == nil {
		client.Bind(nil)
	} else {
		client.Bind(next.client)
	}
	return former
}

// active is r, or after its end the reporter that took its place: hubs that
// were cloned before keep the client of r. It is nil while reporting is off.
func (r *Reporter) active() *Reporter {
	if r.ctx.Err() == nil {
		return r
	}
	return Current()
}

func (r *Reporter) activeClient() *client.Client {
	if active := r.active(); active != nil {
		return active.client
	}
	return nil
}

// tags are those of SetTag: of the process, as what they tell usually is.
var tags event.Tags

// SetTag puts a tag on every report from now on, whatever reporter makes it. An
// empty value removes it. On an error, nothing changes.
func SetTag(key, value string) error {
	changed, err := tags.Set(key, value)
	if !changed {
		return err
	}
	if r := Current(); r != nil && r.witness.Tagged != nil {
		r.witness.Tagged()
	}
	return nil
}

// panic makes the report of a panic, and hands it to the sender.
func (r *Reporter) panic(ctx context.Context, id sentry.EventID, p panics.Panic) {
	if !r.gate.Allows() {
		r.Forget()
		return
	}
	if r.witness.Touched != nil {
		r.witness.Touched()
	}
	e := sentry.NewEvent()
	e.EventID = id
	e.Level = sentry.LevelFatal
	e.Timestamp = time.Now()
	e.Release, e.Environment = r.program.Release, r.program.Environment
	began := e.Timestamp
	r.panicBegan.Store(&began)
	if !r.tell(e, p) {
		r.ledger.Settle(string(id))
		return
	}
	plain := r.plain(e)
	r.tag(plain)
	hint := &sentry.EventHint{RecoveredException: p.Value, Context: ctx}
	hint.OriginalException, _ = p.Value.(error)
	if !r.capture(e, plain, hint, client.Scope(ctx)) {
		r.log.Warn("sentry: a hook or event processor did not return, the report went without it")
	}
	r.ledger.SettleUnsent(string(id)) // a hook or a limit wants none
}

// tell makes e tell of a panic, unless there were too many of its kind.
func (r *Reporter) tell(e *sentry.Event, p panics.Panic) bool {
	keys := r.builder.Describe(e, p)
	r.ledger.Begin(string(e.EventID), p, keys)
	r.own.vouch(e)
	return r.isWithinLimit(e)
}

// isWithinLimit counts a crash, and tells whether it may be reported. If others
// were left out before, the event says how many.
func (r *Reporter) isWithinLimit(e *sentry.Event) bool {
	if r.config.RateLimit.Per == 0 {
		return true
	}
	leftOut, ok := r.gate.Count(event.CrashKey(e))
	if leftOut > 0 {
		e.Contexts["rate_limit"] = sentry.Context{"left_out": leftOut}
	}
	return ok
}

// Death takes the death of a process all the way. notes are those of its ledger. It
// tells whether the death is done with: its report is safe, or is not to be made.
// Without a spool it does not wait for that.
func (r *Reporter) Death(d event.Death, notes ledger.Notes) (done bool) {
	return deaths{r}.crash(d, notes)
}

// Ending is Death for an end without a crash text.
func (r *Reporter) Ending(end event.Ending) (done bool) { return deaths{r}.ending(end) }

// anotherProcess is in the hint of an event that is not about this one.
var anotherProcess any = new(event.Death)

// capture sends a crash through the hooks of the application. If one of them does
// not return, it is not ok, and plain is sent.
func (r *Reporter) capture(e, plain *sentry.Event, hint *sentry.EventHint, scope *sentry.Scope) (ok bool) {
	_, ok = contain.Within(r.config.patience(), func() any { r.client.Capture(e, hint, scope); return nil })
	if !ok {
		hooks{r}.Deliver(plain)
	}
	return ok
}

// plain copies what a crash tells, before the application's hooks have it.
func (r *Reporter) plain(e *sentry.Event) *sentry.Event {
	plain := *e
	plain.Platform, plain.Sdk = "go", r.client.SDK()
	plain.Exception = slices.Clone(e.Exception)
	plain.Contexts = maps.Clone(e.Contexts)
	plain.Tags = maps.Clone(e.Tags)
	return &plain
}

// tag adds the tags of the process to those that an event has of its own.
func (r *Reporter) tag(e *sentry.Event) {
	if e.Tags == nil {
		e.Tags = make(map[string]string, len(r.program.Tags))
	}
	for _, more := range []map[string]string{tags.All(), r.program.Tags} {
		for key, value := range more {
			if _, ok := e.Tags[key]; !ok {
				e.Tags[key] = value
			}
		}
	}
}

// settled is told of each report by the sender.
func (r *Reporter) settled(id string, safe bool) {
	if safe {
		r.ledger.Settle(id)
	} else {
		r.ledger.Lose(id)
	}
}

// DiskWait is how long a panic waits for a disk, whatever the flush timeout is. A
// synced write takes milliseconds, and seconds on the memory card of a small board
// that is busy.
const DiskWait = 2 * time.Second

// await waits for the disk, and for the server for as long as a panic may wait.
func (r *Reporter) await(id string) {
	flushed := time.Now().Add(r.config.FlushTimeout)
	if r.store != nil {
		ctx, cancel := context.WithTimeout(r.ctx, DiskWait)
		r.sender.WaitStored(ctx, id)
		cancel()
	}
	ctx, cancel := context.WithDeadline(r.ctx, flushed)
	defer cancel()
	r.sender.Wait(ctx, id)
}

// Program is what must be known of this process to report its death, scrubbed.
func (r *Reporter) Program() event.Program {
	program := r.program
	program.Tags = event.MergeTags(r.program.Tags, tags.All())
	r.own.sign(&program)
	e := sentry.Event{Tags: program.Tags}
	r.scrubber.Event(&e)
	program.Tags = e.Tags
	return program
}

// Look keeps the vitals of this process, and who is at work, for who finds it dead.
func (r *Reporter) Look(v vitals.Vitals) { diary{r}.look(v) }

// Health tells the server how runs go.
func (r *Reporter) Health() Health { return Health{r} }

// Store is where reports are kept and runs are marked, nil without a spool.
func (r *Reporter) Store() Store { return r.store }

// Log tells of the library's own trouble.
func (r *Reporter) Log() contain.Logger { return r.log }

// Allows asks for consent.
func (r *Reporter) Allows() bool { return r.gate.Allows() }

// IsClosed tells whether Close was called.
func (r *Reporter) IsClosed() bool { return r.ctx.Err() != nil }

// Resume sends what others have left in the spool. It does not wait.
func (r *Reporter) Resume() { r.sender.Resume() }

// StoreOnly leaves reports that are on disk there, until Resume or Wait.
func (r *Reporter) StoreOnly() { r.sender.LeaveFor(time.Hour) }

// While keeps Flush waiting while f runs.
func (r *Reporter) While(f func()) {
	end := r.sender.Begin(string(event.NewID()))
	go func() {
		defer contain.Panic()
		defer end()
		f()
	}()
}

// Wait waits until all reports are settled, or will not be before ctx ends.
func (r *Reporter) Wait(ctx context.Context) { r.sender.WaitAll(ctx) }

// WaitUnlessFailing waits as Wait does, but not for a server that fails. It tells
// whether there are reports that would end with this process.
func (r *Reporter) WaitUnlessFailing(ctx context.Context) (unsafe bool) {
	return r.sender.WaitUnlessFailing(ctx)
}

// FlushTimeout is how long a panic may be held back.
func (r *Reporter) FlushTimeout() time.Duration { return r.config.FlushTimeout }

// LeftOfPanic is what is left of that time after the last panic. With a witness
// that sends, there is nobody to wait for.
func (r *Reporter) LeftOfPanic() time.Duration {
	if r.witness.Sends {
		return 0
	}
	if began := r.panicBegan.Load(); began != nil {
		return max(r.config.FlushTimeout-time.Since(*began), 0)
	}
	return r.config.FlushTimeout
}

// Flush returns nil only if the server has accepted everything. If consent was
// withdrawn, nothing waits any more.
func (r *Reporter) Flush(timeout time.Duration) error {
	return r.flush(timeout, r.sender.Flush)
}

// Finish waits as [Reporter.Flush] does, for the end of a program: what an earlier run has
// left is tried once only. Close tells what became of the reports, Finish only what the
// application itself has sent and the server has not accepted.
func (r *Reporter) Finish(timeout time.Duration) error {
	return r.flush(timeout, func(ctx context.Context) error { r.sender.Finish(ctx); return nil })
}

func (r *Reporter) flush(timeout time.Duration, reports func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if gate.IsAsking() {
		return errors.New("called by the function of WithConsent, which would be asked again")
	}
	if !r.gate.Allows() {
		r.Forget()
	}
	err := reports(ctx)
	sent, lost := r.client.FlushOthers(ctx)
	switch {
	case err != nil:
		return err
	case !sent:
		return errors.New("transactions or logs are still waiting for the server")
	case lost > 0:
		return fmt.Errorf("%d envelopes of transactions or logs were not accepted by the server", lost)
	}
	return nil
}

// Forget removes what waits or is stored: there is no consent. From here on, this
// run leaves nothing either.
func (r *Reporter) Forget() {
	r.sender.Forget()
	if r.witness.Forget != nil {
		r.witness.Forget()
	}
	if r.store != nil {
		r.log.Spool(r.store.Clear())
	}
}

// Close ends the reporter. What is stored stays so. An error says what the server has not
// accepted.
func (r *Reporter) Close() error {
	r.stop()
	err := r.sender.Close()
	r.client.Close()
	return err
}
