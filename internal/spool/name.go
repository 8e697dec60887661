package spool

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/panicreport/sentry/internal/folder"
)

// The kinds of files, which are also the extensions of their names.
const (
	kindReport = "report"
	kindEvent  = "event" // a report that is no crash
	kindCount  = "count" // one that says how a run goes, for the health of a release
	kindRun    = "run"
	kindCrash  = "crash" // the runtime's crash output of the run with this id
	kindLast   = "last"  // the last moments of that run, see Run.CreateMoments
	kindTold   = "told"  // what that run says of the panics that it has reported, see Run.Note
	kindTemp   = "tmp"   // being written, see folder.TempSuffix
	kindBad    = "bad"   // set aside: it had the name of a report or run, and was none
)

const (
	lockName  = "spool.lock"  // held while what belongs to all processes changes
	stateName = "spool.state" // losses and rate limits
)

const (
	idLen     = 32 // hexadecimal digits: a Sentry event id
	msLen     = 13 // decimal digits of milliseconds since 1970: enough until 2286, and names sort by age
	prefixLen = msLen + len("-") + idLen
	maxMillis = 9_999_999_999_999
)

// A name is the name of a report or a run. It holds all that changes about a
// file, whose content never does:
//
//	<at>-<id>-<n>-<ms>.<kind>
//	1700000000000-0123456789abcdef0123456789abcdef-2-1700000060000.report
//
// of a report: when it was stored, event id, attempts, not before. Of a run:
// its start, run id, 1 once it is marked as crashed, how long it ran. A later
// version may put anything after the id, and must keep what is before it and
// the kinds: so Clear of this version finds the files of that one, and nothing
// else here touches them.
type name struct {
	at   int64
	id   string
	n    int
	ms   int64
	kind string
}

func (n name) String() string {
	var room [128]byte
	return string(n.append(room[:0]))
}

// append is String. A directory is read often, and has hundreds of names.
func (n name) append(to []byte) []byte {
	to = append(appendMillis(to, n.at), '-')
	to = append(append(to, n.id...), '-')
	to = append(strconv.AppendInt(to, int64(n.n), 10), '-')
	to = append(appendMillis(to, n.ms), '.')
	return append(to, n.kind...)
}

// appendMillis appends msLen digits or more.
func appendMillis(to []byte, ms int64) []byte {
	for most := int64(maxMillis/10 + 1); most > 1 && ms < most; most /= 10 {
		to = append(to, '0')
	}
	return strconv.AppendInt(to, ms, 10)
}

func (n name) time() time.Time { return time.UnixMilli(n.at) }

// parseName reads what name.String writes, and nothing else.
func parseName(s string) (name, bool) {
	const separators = 2
	rest, kind, _ := strings.Cut(s, ".")
	if len(rest) != prefixLen+separators+1+msLen || !holdsReports(kind) && kind != kindRun {
		return name{}, false
	}
	at, err1 := strconv.ParseInt(rest[:msLen], 10, 64)
	digit, err2 := strconv.Atoi(rest[prefixLen+1 : prefixLen+2])
	ms, err3 := strconv.ParseInt(rest[len(rest)-msLen:], 10, 64)
	n := name{at: at, id: rest[msLen+1 : prefixLen], n: digit, ms: ms, kind: kind}
	var room [128]byte
	if err1 != nil || err2 != nil || err3 != nil || !validID(n.id) || string(n.append(room[:0])) != s {
		return name{}, false
	}
	return n, true
}

// holdsReports tells whether files of a kind are reports.
func holdsReports(kind string) bool {
	return kind == kindReport || kind == kindEvent || kind == kindCount
}

// kindOf returns the kind of a file by its name, of this version's or a later
// one's, or "" for what is none of ours. It is strict about the start of the
// name because Clear removes what it recognises: in a shared directory,
// somebody's own a.tmp has to stay.
func kindOf(s string) string {
	stem, kind, _ := strings.Cut(s, ".")
	switch kind {
	case kindCrash, kindTold, kindLast, kindTemp:
		if validID(stem) {
			return kind
		}
	case kindReport, kindEvent, kindCount, kindRun, kindBad:
		if len(stem) >= prefixLen && digits(stem[:msLen]) && stem[msLen] == '-' && validID(stem[msLen+1:prefixLen]) {
			return kind
		}
	}
	return ""
}

// asideName returns a new name for a file that is set aside. It begins with the
// time, so that the oldest is found.
func asideName(now time.Time) string {
	return fmt.Sprintf("%0*d-%s.%s", msLen, millis(now), folder.RandomID(), kindBad)
}

func crashName(id string) string { return id + "." + kindCrash }
func toldName(id string) string  { return id + "." + kindTold }
func lastName(id string) string  { return id + "." + kindLast }

// validID reports whether id has the form of an event id: no name that is built
// of it can leave the directory.
func validID(id string) bool {
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(id) == idLen
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// millis returns t as names hold it: a clock that was never set, or set to
// nonsense, still gives a valid name.
func millis(t time.Time) int64 {
	return min(max(t.UnixMilli(), 0), maxMillis)
}
