package event

import (
	"strings"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/cgroup"
	"github.com/panicreport/sentry/internal/vitals"
)

// An Ending is the end of a process that has left no crash text, as it is seen from
// outside. It has no stack.
type Ending struct {
	Run    string  // the id of the run that ended
	Of     Program // what ran
	Began  time.Time
	At     time.Time
	Ran    time.Duration // 0 if it is not known
	SeenBy string        // who reports it, in words
	Last   Last

	Title, Text string // what it was, in the words of package ending
	Output      string // the last lines of standard error, which are the program's own texts

	Kill   *cgroup.Kill   // nil if it was not for memory
	Vitals *vitals.Vitals // as last known; nil if they are not
}

// Ending describes an end as [Builder.Death] does one with a crash text. The server
// groups it by its title, because the text has sizes in it: the same end is one issue
// from one version to the next. Where the text is the program's own, as after
// log.Fatal, the server groups by that.
func (b *Builder) Ending(end Ending) *sentry.Event {
	event := deathOf(end.Run, end.Of, end.Began, end.At)
	end.Last.tell(event)
	text := end.Text
	switch said := end.lastWords(); {
	case end.Kill != nil:
		text = end.Kill.String()
	case text == "" && said != "" && !b.WithoutMessages:
		text = said
	}
	if text == "" || end.Text != "" || end.Kill != nil {
		event.Fingerprint = []string{"ended without a word", end.Title}
	}
	event.Exception = []sentry.Exception{exception(end.Title, text, 0, nil)}
	remarks := sentry.Context{"seen_by": end.SeenBy}
	if end.Ran > 0 {
		remarks["ran_for"] = end.Ran.Round(time.Millisecond).String()
	}
	event.Contexts["crash"] = remarks
	if end.Output != "" && !b.WithoutMessages {
		event.Contexts["standard_error"] = sentry.Context{"last_lines": end.Output}
	}
	if end.Vitals != nil {
		event.Contexts["memory"] = memoryOf(*end.Vitals, end.Kill)
	}
	return event
}

// lastWords are the last line of standard error.
func (end *Ending) lastWords() string {
	lines := strings.Split(strings.TrimSpace(end.Output), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// memoryOf says what was known of the memory, in bytes.
func memoryOf(v vitals.Vitals, kill *cgroup.Kill) sentry.Context {
	c := sentry.Context{
		"gomemlimit_bytes": "off",
		"goroutines":       v.Goroutines,
		"go_heap_bytes":    v.Heap,
		"go_mapped_bytes":  v.Mapped,
		"gogc":             v.GCPercent,
		"go_numbers_as_of": "the last look after a garbage collection, or the start",
	}
	if v.Off() {
		c["gogc"] = "off"
	}
	if v.Limit > 0 {
		c["gomemlimit_bytes"] = v.Limit
	}
	if kill != nil {
		c["peak_bytes"] = kill.At
		if kill.Limit > 0 {
			c["limit_bytes"] = kill.Limit
		}
	}
	return c
}
