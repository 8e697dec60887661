// Package ledger keeps the panics of this process that a guard has reported, and
// what became of each report, so that the same panic is not reported a second time
// from outside when the process dies of it.
//
// A panic is in the ledger from the moment its report is begun until the panic is
// over, however many others come meanwhile. What the ledger knows is the process's:
// it outlives a further Init. Whoever may have to read it after the death of the
// process gets each entry as one short note ([Ledger.Attach]), which is written
// before the panic goes on. The other side reads them with [Read].
package ledger

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/panicreport/sentry/internal/panics"
)

// Keys tell a panic again in the crash text of the process: by its goroutine and
// the frames below it, and where the text has no frames by what it says. They are
// hexadecimal digits of KeyLen bytes; an empty one tells nothing.
type Keys struct{ Place, Text string }

// KeyLen is the length of a key.
const KeyLen = 32

// A Fate is what became of a report.
type Fate byte

const (
	Open    Fate = 'o' // not known: it is being made or sent
	Settled Fate = 's' // on disk, accepted by the server, or not wanted
)

// NoteLen is the length of a note, in bytes:
//
//	<id> <key of the place> <key of the text> <fate>\n
//
// An empty key is as many dashes.
const NoteLen = KeyLen + 1 + KeyLen + 1 + KeyLen + 1 + 1 + 1

const noKey = "--------------------------------"

// A Writer keeps notes, each in the place of the one before with the same number.
type Writer interface {
	Note(number int, note []byte)
}

// A Ledger may be used from several goroutines. Its zero value is empty.
type Ledger struct {
	mu      sync.Mutex
	reports map[string]*entry // by event id, while their fate is not known
	panics  panics.Table[*entry]
	free    []int // numbers of notes
	next    int   // the first number that was never used
	writer  Writer
}

// An entry is a panic and its report.
type entry struct {
	id     string
	keys   Keys
	fate   Fate
	sent   bool // it has passed the hooks of the application
	number int  // of its note; -1 without keys
}

// Begin notes that a report with this id, of 32 hexadecimal digits, is being made
// of p.
func (l *Ledger) Begin(id string, p panics.Panic, keys Keys) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := &entry{id: id, keys: keys, fate: Open}
	over := l.panics.Update(p, func(former *entry, known bool) *entry {
		e.number = l.numberFor(former, known)
		return e
	})
	for _, o := range over {
		l.free = append(l.free, o.number)
		l.erase(o)
	}
	l.begin(e)
	l.write(e)
}

// numberFor is that of a former panic in the same place, or the next one.
func (l *Ledger) numberFor(former *entry, known bool) int {
	switch n := len(l.free); {
	case known:
		return former.number
	case n > 0:
		number := l.free[n-1]
		l.free = l.free[:n-1]
		return number
	}
	l.next++
	return l.next - 1
}

// BeginDeath is Begin for the death of another process.
func (l *Ledger) BeginDeath(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin(&entry{id: id, fate: Open, number: -1})
}

func (l *Ledger) begin(e *entry) {
	if l.reports == nil {
		l.reports = make(map[string]*entry)
	}
	l.reports[e.id] = e
}

// Sent notes that a report has passed the hooks of the application.
func (l *Ledger) Sent(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.reports[id]; e != nil {
		e.sent = true
	}
}

// IsOpen tells whether the fate of a report is not known.
func (l *Ledger) IsOpen(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reports[id] != nil
}

// Settle notes that the panic of a report needs none from outside.
func (l *Ledger) Settle(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.reports[id]; e != nil {
		l.settle(e)
	}
}

// SettleUnsent is Settle for a report that a hook or a limit has held back. It
// leaves others as they are.
func (l *Ledger) SettleUnsent(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.reports[id]; e != nil && !e.sent {
		l.settle(e)
	}
}

func (l *Ledger) settle(e *entry) {
	delete(l.reports, e.id)
	e.fate = Settled
	l.write(e)
}

// Lose notes that a report will not reach the server. Whoever sees the death of
// this process may report its panic under the same id.
func (l *Ledger) Lose(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.reports[id]; e != nil && e.number >= 0 {
		delete(l.reports, id)
	}
}

// EndDeath ends what BeginDeath has begun, and tells whether the report was
// settled.
func (l *Ledger) EndDeath(id string) (settled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, open := l.reports[id]
	delete(l.reports, id)
	return !open
}

// Attach has all notes written to w from here on, those too that there are. With
// nil, to nobody.
func (l *Ledger) Attach(w Writer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writer = w
	l.panics.All(l.write)
}

func (l *Ledger) write(e *entry) {
	if l.writer != nil && e.number >= 0 {
		l.writer.Note(e.number, e.note())
	}
}

// erase removes the note of a panic that is over.
func (l *Ledger) erase(e *entry) {
	if l.writer != nil {
		l.writer.Note(e.number, []byte(strings.Repeat(" ", NoteLen-1)+"\n"))
	}
}

func (e *entry) note() []byte {
	place, text := e.keys.Place, e.keys.Text
	if place == "" {
		place = noKey
	}
	if text == "" {
		text = noKey
	}
	return fmt.Appendf(nil, "%s %s %s %c\n", e.id, place, text, e.fate)
}

// Notes are what another process has written.
type Notes struct{ lines []note }

type note struct {
	id          string
	place, text string
	fate        Fate
}

// Read reads notes, wherever they stand in data. Anything else it passes over: a
// note that was cut, or the space between notes.
func Read(data []byte) (n Notes) {
	for line := range bytes.Lines(data) {
		line = bytes.TrimLeft(line, "\x00")
		if len(line) != NoteLen || line[NoteLen-1] != '\n' {
			continue
		}
		fields := bytes.Fields(line)
		if len(fields) != 4 || len(fields[0]) != KeyLen || len(fields[1]) != KeyLen || len(fields[2]) != KeyLen {
			continue
		}
		n.lines = append(n.lines, note{string(fields[0]), string(fields[1]), string(fields[2]), Fate(fields[3][0])})
	}
	return n
}

// Find looks for the panic with one of the keys. It tells which id its report has,
// and what became of it; it is not ok if nobody has reported that panic.
func (n Notes) Find(keys Keys) (id string, fate Fate, ok bool) {
	for _, line := range n.lines {
		if keys.Place != "" && line.place == keys.Place || keys.Place == "" && keys.Text != "" && line.text == keys.Text {
			return line.id, line.fate, true
		}
	}
	return "", 0, false
}
