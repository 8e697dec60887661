package contain

import (
	"sync"
	"time"
)

// sameTrouble is how long the same trouble is not told again: a disk that is full
// fails every call.
const sameTrouble = time.Minute

// A Log is a *slog.Logger. Only a program that has one links that package.
type Log interface {
	Info(text string, args ...any)
	Warn(text string, args ...any)
}

// A Logger tells the application of the library's own trouble. Its handler is
// the application's code. The zero value is not usable.
type Logger struct {
	to   Log
	told *told
}

// told is when a trouble was told the last time.
type told struct {
	mu sync.Mutex
	at map[string]time.Time
}

// NewLogger returns a Logger to the application's own, which may be nil.
func NewLogger(to Log) Logger { return Logger{to, &told{at: make(map[string]time.Time)}} }

// Info logs what is as it was asked for.
func (l Logger) Info(text string, args ...any) {
	if l.to != nil {
		Call(func() { l.to.Info(text, args...) })
	}
}

// Warn logs text and returns when the handler has.
func (l Logger) Warn(text string, args ...any) {
	if l.to != nil {
		Call(func() { l.to.Warn(text, args...) })
	}
}

// Spool logs that the spool could not be used as it should, the same trouble once a
// minute. A nil error is none.
func (l Logger) Spool(err error) {
	if err != nil && l.told.isNew(err.Error(), time.Now()) {
		l.Warn("sentry: trouble with the spool", "reason", err.Error())
	}
}

// isNew tells whether text was not told in the last minute.
func (t *told) isNew(text string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for known, at := range t.at {
		if now.Sub(at) >= sameTrouble {
			delete(t.at, known)
		}
	}
	if _, known := t.at[text]; known {
		return false
	}
	t.at[text] = now
	return true
}
