package event

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/ledger"
	"github.com/panicreport/sentry/internal/traceback"
)

const (
	// wholeKey frames are all compared to tell a panic again. Of a stack with
	// more than 100, its own included, the runtime leaves out the middle, and
	// keyFrames of the 50 at the inner end are there in any case.
	wholeKey  = 80
	keyFrames = 30

	// keyText bytes of a panic's text are compared where there are no frames.
	// The runtime's text is cut much later.
	keyText = 1 << 10
)

// CrashKey is the same for what is the same crash: its kind, and the functions
// of the user's own code. Lines are left out: a new version moves them.
func CrashKey(event *sentry.Event) string {
	x := event.Exception[len(event.Exception)-1]
	h := sha256.New()
	fmt.Fprintln(h, x.Type)
	if x.Stacktrace != nil {
		for _, f := range x.Stacktrace.Frames {
			if f.InApp {
				fmt.Fprintln(h, f.Module, f.Function)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// KeysOf are those that a panic had in [Builder.Describe], if the process died of it
// after a guard has seen it. They are empty for other deaths.
func (b *Builder) KeysOf(d *traceback.Dump) ledger.Keys {
	stack, again := d.Raised()
	switch {
	case !again:
		return ledger.Keys{}
	case len(d.Goroutines) == 0:
		return ledger.Keys{Text: textKey(d.Reason)}
	default:
		return ledger.Keys{Place: placeKey(goroutineOf(d), b.printed(d, stack))}
	}
}

// placeKey is the same for a panic seen from within and from outside. The kind
// is not part of it: the text of a crash does not name a user's error type.
func placeKey(goroutine uint64, st *sentry.Stacktrace) string {
	if st == nil {
		return ""
	}
	frames, all := st.Frames, len(st.Frames)
	if len(st.FramesOmitted) == 2 {
		all += int(st.FramesOmitted[1] - st.FramesOmitted[0])
	}
	if all > wholeKey {
		frames = frames[max(len(frames)-keyFrames, 0):]
	}
	text := make([]byte, 0, 64*(len(frames)+1)) // what the names of a frame usually take
	text = append(strconv.AppendUint(text, goroutine, 10), '\n')
	for _, f := range frames {
		text = append(append(text, f.Module...), ' ')
		text = append(append(text, f.Function...), ' ')
		text = append(strconv.AppendInt(text, int64(f.Lineno), 10), '\n')
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// textKey tells a panic again that was printed without a stack, under
// GOTRACEBACK=none.
func textKey(text string) string {
	sum := sha256.Sum256([]byte("text\n" + text[:min(len(text), keyText)]))
	return hex.EncodeToString(sum[:16])
}
