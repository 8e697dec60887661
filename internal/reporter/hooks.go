package reporter

import (
	"context"
	"net/http"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/client"
	"github.com/panicreport/sentry/internal/delivery"
	"github.com/panicreport/sentry/internal/envelope"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/panics"
)

// hooks are where sentry-go calls a Reporter: see client.Reporter.
type hooks struct{ *Reporter }

// Process is between the scope and BeforeSend. It has every event of the
// application's too, such as a panic that a middleware of sentry-go has
// recovered, and makes that a report like ours.
func (h hooks) Process(e *sentry.Event, hint *sentry.EventHint) *sentry.Event {
	r := h.active()
	if r == nil {
		return nil
	}
	if len(e.Exception) > 0 && (hint == nil || hint.Data != anotherProcess) {
		reported.Add(1)
	}
	if r != h.Reporter { // of a hub that was cloned before a further Init
		e.Release, e.Environment = r.program.Release, r.program.Environment
	}
	if !event.IsCrash(e) {
		if !r.gate.Allows() {
			return nil
		}
		if e.Type == "" && hint != nil && hint.RecoveredException != nil && !(hooks{r}).describe(e, hint.RecoveredException) {
			return nil
		}
	}
	if event.IsCrash(e) {
		e.Level = sentry.LevelFatal // whatever the scope says
	}
	if hint != nil && hint.Data == anotherProcess {
		for _, name := range []string{"go_numroutines", "go_maxprocs", "go_numcgocalls"} {
			delete(e.Contexts["runtime"], name) // of this process
		}
		return e
	}
	r.tag(e)
	return e
}

// describe replaces what sentry-go tells of a recovered value: a string has no
// stack there, and a struct all its fields. It runs in the goroutine of the
// panic, and tells whether the panic is to be reported at all.
func (h hooks) describe(e *sentry.Event, value any) bool {
	if value == http.ErrAbortHandler {
		return false
	}
	p, fresh := panics.Observe(value)
	if !fresh {
		return false
	}
	e.Message, e.Threads = "", nil
	if !h.tell(e, p) {
		h.ledger.Settle(string(e.EventID))
		return false
	}
	return true
}

// Deliver makes an event into an envelope and passes it on. Scrubbing comes
// last: nothing that an application does to an event can undo it.
func (h hooks) Deliver(e *sentry.Event) {
	trace := h.client.Finish(e)
	isCrash := event.IsCrash(e)
	if !isCrash {
		for i := range e.Exception {
			h.config.Frames.Tidy(e.Exception[i].Stacktrace)
		}
		for i := range e.Threads {
			h.config.Frames.Tidy(e.Threads[i].Stacktrace)
		}
	}
	last := h.own.last(e)
	h.scrubber.Event(e)
	id := string(e.EventID)
	body, err := client.Envelope(e, trace, last)
	if err != nil { // never: the event was encoded just now
		h.log.Warn("sentry: a report was dropped", "reason", err.Error())
		return
	}
	switch {
	case isCrash:
		h.ledger.Sent(id)
		h.sender.Keep(id, body, delivery.Crash)
	case h.config.SpoolEvents && h.store != nil:
		h.sender.Keep(id, body, delivery.Event)
		ctx, cancel := context.WithTimeout(h.ctx, DiskWait)
		defer cancel()
		h.sender.WaitStored(ctx, id) // the application may end the process at once
	default:
		h.sender.Send(id, body) // not worth a disk's time
	}
}

// Breadcrumb keeps a breadcrumb for who finds the process dead.
func (h hooks) Breadcrumb(b *sentry.Breadcrumb) { diary(h).add(b) }

// FlushReports serves sentry-go's own Flush.
func (h hooks) FlushReports(ctx context.Context) bool { return h.sender.Flush(ctx) == nil }

// Scrub removes what is secret from an envelope of sentry-go's.
func (h hooks) Scrub(e *envelope.Envelope) error {
	for i := range e.Items {
		if err := h.scrub(&e.Items[i]); err != nil {
			return err
		}
	}
	return h.own.keep(e)
}

func (h hooks) scrub(item *envelope.Item) (err error) {
	if item.Header["type"] != "attachment" {
		item.Payload, err = h.scrubber.JSON(item.Payload)
		return err
	}
	name, _ := item.Header["filename"].(string)
	contentType, _ := item.Header["content_type"].(string)
	a := h.scrubber.Attachment(sentry.Attachment{Filename: name, ContentType: contentType, Payload: item.Payload})
	item.Header["filename"], item.Payload = a.Filename, a.Payload
	return nil
}
