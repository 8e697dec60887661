package spool

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/panicreport/sentry/internal/folder"
	"github.com/panicreport/sentry/internal/limit"
)

const (
	// maxState bounds the state: as many windows as package limit keeps, of
	// about 120 bytes each, and the losses.
	maxState = 64 << 10
	// maxReasons bounds the state for a caller that makes reasons up.
	maxReasons = 16
)

// A Reason says why a report was lost, in the words of Sentry's client reports
// (develop.sentry.dev/sdk/telemetry/client-reports).
type Reason string

const (
	CacheOverflow Reason = "cache_overflow" // dropped for the bounds of the spool
	NetworkError  Reason = "network_error"  // not delivered when the process ended, and not stored
	SendError     Reason = "send_error"     // refused by the server
	QueueOverflow Reason = "queue_overflow" // of those that wait in memory
)

// ofSessions begins the reasons for what was lost of Counts: the server counts it
// apart.
const ofSessions = "session/"

// OfSessions is the reason for a loss of Counts.
func (r Reason) OfSessions() Reason { return ofSessions + r }

// Split returns what was lost, in the words of Sentry's categories, and why.
func (r Reason) Split() (category string, why Reason) {
	if why, ok := strings.CutPrefix(string(r), ofSessions); ok {
		return "session", Reason(why)
	}
	return "error", r
}

// Notes are what belongs to the directory and not to one report: the losses that
// the server has not been told, the counts of the rate limits, and until when the
// server wants nothing.
type Notes struct{ *place }

// state is the file of the Notes. It is replaced as a whole under the lock, and
// not synced: a power cut may lose what changed last, a kill may not, and the
// crash that it counts should not wait for a second write.
type state struct {
	Lost   map[Reason]int `json:"lost,omitempty"`
	Limits limit.Windows  `json:"limits,omitempty"`
	Paused int64          `json:"paused,omitempty"` // milliseconds since 1970, see Notes.Pause

	Failures int   `json:"failures,omitempty"` // see Outage
	RetryAt  int64 `json:"retry_at,omitempty"` // milliseconds since 1970
	Hung     bool  `json:"hung,omitempty"`
}

// An Outage is a server that has failed to answer as it should: so many times in a
// row, and is not to be tried again before a time. The zero value is none.
type Outage struct {
	Failures int
	RetryAt  time.Time
	Hung     bool // the last time, there was no answer at all
}

// lose counts a report as lost.
func (st *state) lose(why Reason, n int) {
	if _, ok := st.Lost[why]; ok || len(st.Lost) < maxReasons {
		st.Lost[why] += n
	}
}

var stateHeader = folder.Header{Kind: "state", ID: "-"}

// Allow tells whether one more report with this key, a hash of at most 64 bytes,
// is within rate, over all processes and runs that share the directory; see
// [limit.Windows.Allow]. On an error ok is true: to say too much is better than
// to say nothing.
func (n *Notes) Allow(key string, rate limit.Rate) (leftOut int, ok bool, err error) {
	if len(key) > limit.MaxKeyLen {
		return 0, true, errors.New("count report in spool: key too long")
	}
	type count struct {
		leftOut int
		ok      bool
	}
	c, err := soon(n.place, "count report in spool", func() (c count, err error) {
		err = n.change(func(st *state) {
			c.leftOut, c.ok = st.Limits.Allow(key, millis(n.now()), rate)
		})
		return c, err
	}, func(count) {})
	if err != nil {
		return 0, true, err
	}
	return c.leftOut, c.ok, nil
}

// Pause keeps the time before which the server wants no reports, for the runs
// to come. It stands in the directory and not with a report: it concerns all of
// them, those too that are not made yet.
func (n *Notes) Pause(until time.Time) error {
	return soonDone(n.place, "note pause in spool", func() error {
		return n.change(func(st *state) { st.Paused = max(st.Paused, millis(until)) })
	})
}

// NoteOutage keeps an outage for the runs to come: a program that is started every
// minute would otherwise ask every minute.
func (n *Notes) NoteOutage(o Outage) error {
	return soonDone(n.place, "note outage in spool", func() error {
		return n.change(func(st *state) {
			st.Failures, st.RetryAt, st.Hung = o.Failures, 0, o.Hung
			if o.Failures > 0 {
				st.RetryAt = millis(o.RetryAt)
			}
		})
	})
}

// Waits returns the time of Pause and the outage; times that are over are zero. A
// time that is further away than any server may ask was noted by a clock that has
// been set back since. It makes no directory.
func (n *Notes) Waits() (paused time.Time, outage Outage, err error) {
	type waits struct {
		paused time.Time
		outage Outage
	}
	w, err := soon(n.place, "look for pause in spool", func() (w waits, err error) {
		st, err := n.load()
		w.outage = Outage{Failures: st.Failures, Hung: st.Hung}
		if at := time.UnixMilli(st.RetryAt); n.isToCome(at) {
			w.outage.RetryAt = at
		}
		if until := time.UnixMilli(st.Paused); n.isToCome(until) {
			w.paused = until
		}
		return w, err
	}, func(waits) {})
	return w.paused, w.outage, err
}

func (n *Notes) isToCome(t time.Time) bool {
	wait := t.Sub(n.now())
	return wait > 0 && wait <= MaxWait
}

// TakeLost hands out the losses since the last call, by any process, once. It
// returns nil if there are none, and makes no directory.
func (n *Notes) TakeLost() (map[Reason]int, error) {
	return soon(n.place, "take losses from spool", n.takeLost, func(lost map[Reason]int) { _ = n.AddLost(lost) })
}

func (n *Notes) takeLost() (lost map[Reason]int, err error) {
	// Mostly there are none, and then there is nothing to lock or to write.
	if st, err := n.load(); err != nil || len(st.Lost) == 0 {
		return nil, err
	}
	err = n.change(func(st *state) {
		lost = st.Lost
		st.Lost = nil
	})
	if err != nil || len(lost) == 0 {
		return nil, err
	}
	return lost, nil
}

// AddLost counts losses: those of TakeLost that could not be told to the
// server, or those that never were in the spool.
func (n *Notes) AddLost(lost map[Reason]int) error {
	return soonDone(n.place, "count losses in spool", func() error {
		return n.change(func(st *state) {
			for why, count := range lost {
				st.lose(why, count)
			}
		})
	})
}

// load reads the state. It makes no directory.
func (n *Notes) load() (state, error) {
	d, err := n.open()
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, nil
	}
	if err != nil {
		return state{}, err
	}
	defer d.Close()
	return loadState(d)
}

// change changes the state under the lock.
func (n *Notes) change(change func(*state)) error {
	d, err := n.openOrCreate()
	if err != nil {
		return err
	}
	defer d.Close()
	return changeState(d, change)
}

func changeState(d *directory, change func(*state)) error {
	lock, err := d.lock()
	if err != nil {
		return err
	}
	defer folder.LetGo(lock)
	return changeLocked(d, change)
}

func changeLocked(d *directory, change func(*state)) error {
	st, err := loadState(d)
	if err != nil {
		return err
	}
	change(&st)
	data, err := json.Marshal(st)
	if err != nil {
		return err
	}
	f, err := d.Write(stateName, stateHeader, data, folder.SurvivesKill)
	if err != nil {
		return err
	}
	folder.LetGo(f)
	return nil
}

// loadState reads the state. None, or one that is damaged or somebody else's,
// is an empty one: only a later version's stays.
func loadState(d *directory) (state, error) {
	var st state
	data, err := d.Read(stateName, stateHeader, maxState)
	if err == nil && json.Unmarshal(data, &st) != nil {
		st, err = state{}, folder.ErrDamaged
	}
	if errors.Is(err, folder.ErrForeign) || errors.Is(err, folder.ErrDamaged) {
		d.setAside(stateName)
	}
	if err != nil && (errors.Is(err, folder.ErrFuture) || !folder.Ordinary(err)) {
		return state{}, err
	}
	if st.Lost == nil {
		st.Lost = map[Reason]int{}
	}
	if st.Limits == nil {
		st.Limits = limit.Windows{}
	}
	return st, nil
}
