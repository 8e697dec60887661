package event

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/traceback"
)

// A Death is the end of a process, as it is seen from outside.
type Death struct {
	Run    string    // the id of the run that ended
	Of     Program   // what ran
	Began  time.Time // zero if it is not known
	At     time.Time
	Dump   *traceback.Dump
	Cut    bool   // the crash text was too long to be read to its end
	SeenBy string // who reports it, in words
	Last   Last

	// Stderr is the reason of a fatal error as standard error had it, or empty.
	// The crash text lacks it: golang/go issue 76859.
	Stderr string
}

// A Program is what must be known of a process to report its death. Nothing in
// it says more than a report does.
type Program struct {
	Release     string            `json:"release"`
	Environment string            `json:"environment"`
	Go          string            `json:"go"`
	Tags        map[string]string `json:"tags"`

	// OwnWords says that the tags have nothing but the program's own words, and
	// Image tells its image apart from others.
	OwnWords bool   `json:"own_words,omitempty"`
	Image    string `json:"image,omitempty"`
}

// Tells tells whether the crash text says anything about a death.
func (d *Death) Tells() bool {
	return d.Dump.Kind != traceback.Unknown || len(d.Dump.Goroutines) > 0 || len(d.Dump.RuntimeStack) > 0
}

// Death describes a death as [Builder.Describe] does a panic. Its id is that of
// the run, so that it is one event for the server whoever sends it.
func (b *Builder) Death(d Death) *sentry.Event {
	event := deathOf(d.Run, d.Of, d.Began, d.At)
	d.Last.tell(event)
	reason, inferred := b.reasonOf(d)
	title := d.Dump.Title()
	if d.Dump.Kind == traceback.Unknown {
		title = "crash"
	}
	event.Exception = []sentry.Exception{exception(title, reason, goroutineOf(d.Dump), b.origin(d.Dump))}
	var left int
	event.Threads, left = b.threads(d.Dump)
	event.Contexts["crash"] = b.remarks(d, left, inferred)
	if len(d.Dump.Goroutines) > 0 && d.Dump.Goroutines[0].Crashed {
		b.tellLabels(event.Contexts, d.Dump.Goroutines[0].Labels)
	}
	return event
}

// deathOf is what all deaths have: of which run and program, and when.
func deathOf(run string, of Program, began, at time.Time) *sentry.Event {
	event := sentry.NewEvent()
	sum := sha256.Sum256([]byte("death of " + run))
	event.EventID = idOf([16]byte(sum[:]))
	event.Level = sentry.LevelFatal
	event.Timestamp = at
	event.Release, event.Environment = of.Release, of.Environment
	event.Tags = MergeTags(of.Tags)
	if !began.IsZero() {
		event.Contexts["app"] = sentry.Context{"app_start_time": began.UTC().Format(time.RFC3339)}
	}
	if of.Go != "" {
		event.Contexts["runtime"] = sentry.Context{"name": "go", "version": of.Go}
	}
	return event
}

func goroutineOf(d *traceback.Dump) uint64 {
	if len(d.Goroutines) == 0 {
		return 0
	}
	return uint64(d.Goroutines[0].ID)
}

// reasonOf is the text of a death, and whether the frames alone tell it. The
// text of a panic is the user's; those of the runtime are fixed.
func (b *Builder) reasonOf(d Death) (reason string, inferred bool) {
	dump := d.Dump
	switch {
	case b.believes(d):
		return d.Stderr, false
	case dump.Kind != traceback.Panic && dump.Kind != traceback.RuntimeError:
		return dump.Reason, dump.Inferred
	case b.WithoutMessages:
		return "", dump.Inferred
	case dump.Kind == traceback.RuntimeError:
		return withoutTitle(dump.Reason), dump.Inferred
	default:
		return dump.Reason, dump.Inferred
	}
}

// RuntimesReason is the reason of a death, if the runtime has it, and not the
// program.
func (b *Builder) RuntimesReason(d Death) (reason string, ok bool) {
	switch {
	case b.believes(d):
		return d.Stderr, traceback.IsRuntimes(d.Stderr)
	case d.Dump.Kind == traceback.Panic, d.Dump.Kind == traceback.RuntimeError:
		return "", false
	default:
		return d.Dump.Reason, true
	}
}

// believes tells whether standard error had the runtime's own words for a fatal
// error. What only looks like them is a text of the program's: it does not
// replace what the frames tell, and WithoutMessages does not let it through.
func (b *Builder) believes(d Death) bool {
	if d.Stderr == "" || d.Dump.Kind != traceback.Fatal || !d.Dump.Inferred {
		return false
	}
	return traceback.IsRuntimes(d.Stderr) || !b.WithoutMessages && !traceback.IsRuntimes(d.Dump.Reason)
}

// origin is the stack from the place of the crash outward.
func (b *Builder) origin(d *traceback.Dump) *sentry.Stacktrace { return b.printed(d, d.Origin()) }

// printed turns the outer frames of the goroutine that died into those of Sentry.
func (b *Builder) printed(d *traceback.Dump, stack []traceback.Frame) *sentry.Stacktrace {
	if len(d.Goroutines) == 0 {
		return b.Frames.Printed(stack, 0, 0)
	}
	g := d.Goroutines[0]
	return b.Frames.Printed(stack, g.Elided, g.ElidedAt-(len(g.Frames)-len(stack)))
}

// remarks say what the exception has no place for.
func (b *Builder) remarks(d Death, left int, inferred bool) sentry.Context {
	dump := d.Dump
	c := sentry.Context{"seen_by": d.SeenBy}
	if dump.Truncated {
		c["truncated"] = "the crash output ends in the middle of a line"
	}
	if d.Cut {
		c["truncated"] = "the crash output is too long to be read to its end"
	}
	if inferred {
		c["inferred"] = "the reason is what the frames tell"
	}
	if left += dump.Dropped; left > 0 {
		c["goroutines_left_out"] = left
	}
	if dump.Unread.Lines > 0 {
		c["lines_not_understood"] = dump.Unread.Lines
	}
	if len(dump.Goroutines) > 0 && dump.Goroutines[0].CreatedBy != nil {
		if f, ok := b.Frames.Frame(*dump.Goroutines[0].CreatedBy); ok {
			c["created_by"] = fmt.Sprintf("%s.%s at %s:%d", f.Module, f.Function, f.Filename, f.Lineno)
		}
	}
	if n := len(dump.Panics); n > 1 && !b.WithoutMessages {
		earlier := make([]string, 0, n-1)
		for _, p := range dump.Panics[:n-1] {
			earlier = append(earlier, p.Value)
		}
		c["earlier_panics"] = earlier
	}
	return c
}
