package scrub

import (
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/scrub/values"
)

// maxBreadcrumbs is how many breadcrumbs stay, as many as sentry-go keeps by
// default. With more of them, scrubbing would take too long in a process that
// is about to die.
const maxBreadcrumbs = 100

// newest returns the breadcrumbs that stay.
func newest(list []*sentry.Breadcrumb) []*sentry.Breadcrumb {
	return list[max(0, len(list)-maxBreadcrumbs):]
}

// breadcrumb scrubs a breadcrumb. A time that can not be encoded is removed,
// because the whole event could not be encoded with it.
func (p *pass) breadcrumb(b *sentry.Breadcrumb) (*sentry.Breadcrumb, bool) {
	if b == nil {
		return nil, false
	}
	c := *b
	changed := assign(&c.Message, p.long(b.Message))
	changed = assign(&c.Category, p.line(b.Category, maxTitle)) || changed
	changed = assign(&c.Type, p.plain(b.Type, maxTag)) || changed
	changed = assign((*string)(&c.Level), p.plain(string(b.Level), maxTag)) || changed
	c.Data = p.nested("", b.Data)
	if !values.IsJSONTime(b.Timestamp) { // the event could not be encoded
		c.Timestamp, changed = time.Time{}, true
	}
	if !changed && sameMap(c.Data, b.Data) {
		return b, false
	}
	return &c, true
}
