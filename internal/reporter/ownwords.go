package reporter

import (
	"sync"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/client"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/image"
	"github.com/panicreport/sentry/internal/scrub/own"
)

// maxVouched bounds the events of which something is known. An application's hook
// may drop an event, and then nobody asks.
const maxVouched = 64

// vouched is what is known of events that are on their way through the hooks.
type vouched struct {
	mu    sync.Mutex
	known map[sentry.EventID]*own.Known
	order []sentry.EventID
}

func (v *vouched) put(id sentry.EventID, k *own.Known) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known == nil {
		v.known = make(map[sentry.EventID]*own.Known)
	}
	if len(v.order) == maxVouched {
		delete(v.known, v.order[0])
		v.order = v.order[1:]
	}
	v.known[id] = k
	v.order = append(v.order, id)
}

func (v *vouched) get(id sentry.EventID) *own.Known {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.known[id]
}

// vouch notes what the library itself has made of a crash, before the hooks of the
// application have it. It returns nil if every word may leave.
func (r *Reporter) vouch(e *sentry.Event) *own.Known {
	if r.own == nil {
		return nil
	}
	k := r.own.Known()
	k.Vouch(e)
	r.vouched.put(e.EventID, k)
	return k
}

// vouchDeath does the same for the death of another process. Its words are those of
// its image: if that was another one, only what everybody knows is left. said are
// words of the runtime's or of this library's.
func (r *Reporter) vouchDeath(e *sentry.Event, of event.Program, said ...string) {
	k := r.vouch(e)
	if k == nil {
		return
	}
	if of.Image == "" || of.Image != image.ID() {
		k.Foreign()
	}
	k.Add(of.Release, of.Environment, of.Go)
	if of.OwnWords {
		for name, value := range of.Tags {
			k.Add(name, value)
		}
	}
	k.Add(said...)
}

// last keeps the program's own words of an event, which nothing has encoded or
// scrubbed yet.
func (r *Reporter) last(e *sentry.Event) client.Last {
	if r.own == nil {
		return nil
	}
	known := r.own.Known()
	if k := r.vouched.get(e.EventID); k != nil {
		known = k.Clone()
	}
	known.Look(e)
	return func(header map[string]any, payload []byte, files []*sentry.Attachment) ([]byte, []*sentry.Attachment, error) {
		r.own.Header(header)
		return r.own.Report(known, payload, files)
	}
}
