package reporter

import (
	"sync"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/client"
	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/envelope"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/image"
	"github.com/panicreport/sentry/internal/scrub/own"
)

// maxVouched bounds the events of which something is known. An application's hook
// may drop an event, and then nobody asks.
const maxVouched = 64

// words decide which words leave.
type words interface {
	// vouch notes what the library itself has made of a crash, before the hooks of the
	// application have it.
	vouch(*sentry.Event)
	// vouchDeath does the same for the death of another process. said are words of the
	// runtime's or of this library's.
	vouchDeath(e *sentry.Event, of event.Program, said ...string)
	// last keeps what may leave of an event, which nothing has encoded or scrubbed yet.
	last(*sentry.Event) client.Last
	// keep keeps what may leave of an envelope of sentry-go's.
	keep(*envelope.Envelope) error
	// sign keeps what may leave of what a process notes of itself, and says which words
	// it has.
	sign(*event.Program)
}

// everyWord lets every word leave.
type everyWord struct{}

func (everyWord) vouch(*sentry.Event)                                {}
func (everyWord) vouchDeath(*sentry.Event, event.Program, ...string) {}
func (everyWord) last(*sentry.Event) client.Last                     { return nil }
func (everyWord) keep(*envelope.Envelope) error                      { return nil }
func (everyWord) sign(*event.Program)                                {}

// ownWords lets only the program's own words leave. It has what is known of the events
// that are on their way through the hooks.
type ownWords struct {
	*own.Words

	mu      sync.Mutex
	vouched map[sentry.EventID]*own.Known
	order   []sentry.EventID
}

func newOwnWords(program event.Program, log contain.Logger) words {
	safe := []string{program.Release, program.Environment, program.Go}
	for name, value := range program.Tags {
		safe = append(safe, name, value)
	}
	all := own.New(func(err error) {
		log.Warn("sentry: WithOwnWords: almost nothing of the texts is reported", "reason", err.Error())
	}, safe...)
	return &ownWords{Words: all, vouched: map[sentry.EventID]*own.Known{}}
}

func (o *ownWords) vouch(e *sentry.Event) { o.note(e) }

func (o *ownWords) note(e *sentry.Event) *own.Known {
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

// vouchDeath: the words of the process are those of its image. If that was another
// one, only what everybody knows is left.
func (o *ownWords) vouchDeath(e *sentry.Event, of event.Program, said ...string) {
	k := o.note(e)
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

func (o *ownWords) last(e *sentry.Event) client.Last {
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

func (o *ownWords) keep(e *envelope.Envelope) error {
	o.Header(e.Header)
	kept := e.Items[:0]
	for _, item := range e.Items {
		ok, err := o.keepItem(&item)
		if err != nil {
			return err
		}
		if ok {
			kept = append(kept, item)
		}
	}
	e.Items = kept
	return nil
}

// keepItem keeps the program's own words of an item. It is not ok if there is nothing
// left of it.
func (o *ownWords) keepItem(item *envelope.Item) (ok bool, err error) {
	known := o.Known()
	if item.Header["type"] != "attachment" {
		item.Payload, _, err = o.Report(known, item.Payload, nil)
		return err == nil, err
	}
	name, _ := item.Header["filename"].(string)
	contentType, _ := item.Header["content_type"].(string)
	_, files, err := o.Report(known, nil, []*sentry.Attachment{{Filename: name, ContentType: contentType, Payload: item.Payload}})
	if err != nil || len(files) == 0 {
		return false, err
	}
	item.Header["filename"], item.Header["content_type"], item.Payload = files[0].Filename, files[0].ContentType, files[0].Payload
	return true, nil
}

// sign does not read the image: of the tags of SetTag, only literals are the program's
// own words without that.
func (o *ownWords) sign(p *event.Program) {
	p.Tags = o.Tags(p.Tags)
	p.OwnWords, p.Image = true, image.ID()
}
