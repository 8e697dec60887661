package lifetime

import (
	"time"

	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/vitals"
)

// private is what a further Init may have changed of who may know what: the
// monitor has come to the first.
type private struct {
	DSN             string   `json:"dsn"`
	WithoutMessages bool     `json:"without_messages,omitempty"`
	OwnWords        bool     `json:"own_words,omitempty"`
	SensitiveKeys   []string `json:"sensitive_keys,omitempty"`
}

// told is what a monitor has to know. With a spool, the crash text and the notes of
// the ledger are in the files of the run.
type told struct {
	Run     string        `json:"run"` // empty after Close
	Began   time.Time     `json:"began"`
	Spool   string        `json:"spool,omitempty"`
	Program event.Program `json:"program"`
	Vitals  vitals.Vitals `json:"vitals"`
	private
}
