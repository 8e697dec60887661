package reporter

import (
	"sync"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/client"
	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/image"
	"github.com/panicreport/sentry/internal/scrub/own"
)

// maxVouched bounds the events of which something is known. An application's hook
// may drop an event, and then nobody asks.
const maxVouched = 64

// ownWords are the program's own words, and what is known of the events that are on
// their way through the hooks. A nil one lets every word leave.
type ownWords struct {
	*own.Words

	mu      sync.Mutex
	vouched map[sentry.EventID]*own.Known
	order   []sentry.EventID
}

func newOwnWords(c *Config, program event.Program, log contain.Logger) *ownWords {
	if !c.OwnWords {
		return nil
	}
	safe := []string{program.Release, program.Environment, program.Go}
	for name, value := range program.Tags {
		safe = append(safe, name, value)
	}
	words := own.New(func(err error) {
		log.Warn("sentry: WithOwnWords: almost nothing of the texts is reported", "reason", err.Error())
	}, safe...)
	return &ownWords{Words: words, vouched: map[sentry.EventID]*own.Known{}}
}

// vouch notes what the library itself has made of a crash, before the hooks of the
// application have it. It returns nil if every word may leave.
func (o *ownWords) vouch(e *sentry.Event) *own.Known {
	if o == nil {
		return nil
	}
	k := o.Known()
	k.Vouch(e)
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.order) == maxVouched {
		delete(o.vouched, o.order[0])
		o.order = o.order[1:]
	}
	o.vouched[e.EventID] = k
	o.order = append(o.order, e.EventID)
	return k
}

// vouchDeath does the same for the death of another process. Its words are those of
// its image: if that was another one, only what everybody knows is left. said are
// words of the runtime's or of this library's.
func (o *ownWords) vouchDeath(e *sentry.Event, of event.Program, said ...string) {
	k := o.vouch(e)
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
func (o *ownWords) last(e *sentry.Event) client.Last {
	if o == nil {
		return nil
	}
	known := o.Known()
	if k := o.vouchedFor(e.EventID); k != nil {
		known = k.Clone()
	}
	known.Look(e)
	return func(header map[string]any, payload []byte, files []*sentry.Attachment) ([]byte, []*sentry.Attachment, error) {
		o.Header(header)
		return o.Report(known, payload, files)
	}
}

func (o *ownWords) vouchedFor(id sentry.EventID) *own.Known {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.vouched[id]
}
