package reporter

import (
	"encoding/json"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/client"
	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/moments"
	"github.com/panicreport/sentry/internal/vitals"
)

// book is where the last moments of this process are kept, nil for nowhere.
var book atomic.Pointer[moments.Book]

// KeepMoments keeps the last moments of this process in b from now on, which may be
// nil, and returns the Book before it.
func KeepMoments(b *moments.Book) (former *moments.Book) { return book.Swap(b) }

// whoGap is the least time between two looks who is at work that breadcrumbs cause: a
// request may leave hundreds of them.
const whoGap = time.Second

// lastWho is when the last was, in nanoseconds since 1970.
var lastWho atomic.Int64

// A who is the user and the tags of the current hub.
type who struct {
	User sentry.User       `json:"user"`
	Tags map[string]string `json:"tags,omitempty"`
}

func (d diary) look(v vitals.Vitals) {
	if b := book.Load(); b != nil && d.gate.Allows() {
		doc, _ := json.Marshal(v) // of strings and numbers
		b.State(doc)
		d.lookWho(b)
	}
}

func (d diary) lookWho(b *moments.Book) {
	user, tags := client.Who()
	e := &sentry.Event{User: user, Tags: tags}
	d.scrubber.Event(e)
	if doc, err := json.Marshal(who{e.User, e.Tags}); err == nil {
		b.Who(doc)
	}
}

// A diary is where a Reporter keeps the last moments.
type diary struct{ *Reporter }

// add keeps a breadcrumb, scrubbed, for who finds the process dead.
func (d diary) add(crumb *sentry.Breadcrumb) {
	b := book.Load()
	if b == nil || !d.gate.Allows() {
		return
	}
	contain.Call(func() {
		b.Crumb(d.encode(crumb))
		if now := time.Now().UnixNano(); now-lastWho.Load() >= int64(whoGap) {
			lastWho.Store(now)
			d.lookWho(b)
		}
	})
}

// encode scrubs a breadcrumb and writes it as short as it has to be.
func (d diary) encode(crumb *sentry.Breadcrumb) []byte {
	own := *crumb
	own.Data = plainData(crumb.Data)
	if own.Timestamp.IsZero() {
		own.Timestamp = time.Now()
	}
	e := &sentry.Event{Breadcrumbs: []*sentry.Breadcrumb{&own}}
	d.scrubber.Event(e)
	if len(e.Breadcrumbs) == 0 {
		return nil
	}
	own = *e.Breadcrumbs[0]
	doc, err := json.Marshal(&own)
	if err == nil && len(doc) <= moments.MaxCrumb {
		return doc
	}
	own.Data = nil
	for size := moments.MaxCrumb; size > 0; size /= 2 { // the text as JSON may be longer
		own.Message, own.Category = cut(own.Message, size), cut(own.Category, size)
		if doc, err = json.Marshal(&own); err == nil && len(doc) <= moments.MaxCrumb {
			return doc
		}
	}
	return nil
}

// cut cuts a text to at most n bytes, between two characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// ReadMoments reads what a process has left of its last moments. The vitals are nil
// if it has left none.
func ReadMoments(mem []byte) (last event.Last, state *vitals.Vitals) {
	m := moments.Read(mem)
	for _, doc := range m.Crumbs {
		var crumb sentry.Breadcrumb
		if json.Unmarshal(doc, &crumb) == nil {
			last.Breadcrumbs = append(last.Breadcrumbs, &crumb)
		}
	}
	var w who
	if json.Unmarshal(m.Who, &w) == nil {
		last.User, last.Tags = w.User, w.Tags
	}
	if v := new(vitals.Vitals); json.Unmarshal(m.State, v) == nil {
		state = v
	}
	return last, state
}
