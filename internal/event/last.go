package event

import "github.com/getsentry/sentry-go"

// Last are the last moments of a process, as far as it has left them behind.
type Last struct {
	Breadcrumbs []*sentry.Breadcrumb // the oldest first
	User        sentry.User
	Tags        map[string]string // of the scope
}

// tell puts the last moments into the event of a death.
func (l Last) tell(event *sentry.Event) {
	event.Breadcrumbs, event.User = l.Breadcrumbs, l.User
	event.Tags = MergeTags(event.Tags, l.Tags)
}
