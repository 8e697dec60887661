package traceback

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// A header is the first line of the stack of a goroutine.
type header struct {
	id      int64  // 0 if it was not understood
	state   []byte // empty if it was not understood
	wait    time.Duration
	locked  bool
	leaked  bool
	bubble  int64
	labels  map[string]string
	strange bool // a part of the line was not understood
}

// readHeader reads the header of a goroutine:
//
//	goroutine 1 [running]:
//	goroutine 7 [chan receive, 3 minutes, locked to thread]:
//	goroutine 18 gp=0xc000102380 m=0 mp=0x5f2ea0 [syscall (scan), locked to thread]:
//	goroutine 9 [select (durable), synctest bubble 1 labels:{"tenant": "a"}]:
//	goroutine 24 [running] {tenant: "acme corp", user: bob}:
//
// The labels are printed in the first form up to Go 1.26, and in the second from Go
// 1.27 on. A new version of Go can add a part anywhere. readHeader skips such a
// part, because the frames below the line are worth more than the part. It is not
// ok if the line has neither a number nor brackets.
func readHeader(b []byte) (h header, ok bool) {
	b, ok = bytes.CutPrefix(b, []byte("goroutine "))
	if !ok {
		return header{}, false
	}
	b, closed := bytes.CutSuffix(b, []byte(":"))
	head, rest, opens := bytes.Cut(b, []byte(" ["))
	number, pointers, _ := bytes.Cut(head, []byte(" "))
	digits := 0
	for digits < len(number) && '0' <= number[digits] && number[digits] <= '9' {
		digits++
	}
	if digits == 0 && !(opens && closed) {
		return header{}, false
	}
	whole := false
	h.id, whole = decimal(number[:digits])
	h.strange = !whole || !closed || !opens || digits < len(number) || len(pointers) > 0 && !bytes.HasPrefix(pointers, []byte("gp=0x"))
	if opens {
		h.brackets(rest)
	}
	return h, true
}

// brackets reads a header from the opening bracket on.
func (h *header) brackets(b []byte) {
	end := bytes.IndexByte(b, ']')
	if i := bytes.Index(b, []byte(" labels:{")); i >= 0 && (end < 0 || i < end) {
		h.attributes(b[:i])
		rest := h.readLabels(b[i+len(" labels:{"):])
		h.strange = h.strange || string(rest) != "]"
		return
	}
	if end < 0 {
		h.strange = true
		h.attributes(b)
		return
	}
	h.attributes(b[:end])
	rest := b[end+1:]
	if i := bytes.Index(rest, []byte(" {")); i >= 0 {
		h.strange = h.strange || i > 0
		rest = h.readLabels(rest[i+len(" {"):])
	}
	h.strange = h.strange || len(rest) > 0
}

// attributes reads what is between the brackets of a header:
//
//	chan receive (leaked), 3 minutes, locked to thread
func (h *header) attributes(b []byte) {
	state, rest, more := bytes.Cut(b, []byte(", "))
	// These are not part of the goroutine's own state: " (scan)" means that the
	// garbage collector looks at it, " (leaked)" that the profile goroutineleak has
	// found it.
	state = bytes.TrimSuffix(state, []byte(" (scan)"))
	h.state, h.leaked = bytes.CutSuffix(state, []byte(" (leaked)"))
	for more {
		var a []byte
		a, rest, more = bytes.Cut(rest, []byte(", "))
		if string(a) == "locked to thread" {
			h.locked = true
		} else if n, ok := bytes.CutSuffix(a, []byte(" minutes")); ok {
			minutes, _ := decimal(n)
			h.wait = time.Duration(min(minutes, maxMinutes)) * time.Minute
		} else if n, ok := bytes.CutPrefix(a, []byte("synctest bubble ")); ok {
			h.bubble, _ = decimal(n)
		}
	}
}

// maxMinutes is how many minutes a time.Duration can hold.
const maxMinutes = int64(1<<63-1) / int64(time.Minute)

// readLabels reads profiler labels and the closing brace, and returns what follows:
//
//	"route": "/x", "tenant": "a \"quoted\" name"}
//	route: "/x y", user: bob}
//
// The runtime quotes them as Go source does, so strconv can read them.
func (h *header) readLabels(b []byte) (rest []byte) {
	h.labels = make(map[string]string)
	s := string(b)
	for len(h.labels) < maxLabels {
		var key, value string
		var ok bool
		if key, s, ok = label(s); !ok || !strings.HasPrefix(s, ": ") {
			break
		}
		if value, s, ok = label(s[len(": "):]); !ok {
			break
		}
		h.labels[key] = value
		if !strings.HasPrefix(s, ", ") {
			break
		}
		s = s[len(", "):]
	}
	rest, ok := bytes.CutPrefix([]byte(s), []byte("}"))
	h.strange = h.strange || !ok
	return rest
}

// label reads a key or a value at the beginning of s. One without quotes has only
// the bytes that tracebackStringNeedsQuoting (runtime/traceback.go) lets through,
// and can be empty.
func label(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexFunc(s, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '/' || r == '_')
		})
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], true
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", s, false
	}
	value, err = strconv.Unquote(quoted)
	return value, s[len(quoted):], err == nil
}

// Labels returns the profiler labels of a goroutine from the first line of its
// stack, as runtime.Stack gives it. It returns nil if the line has none. See
// [Goroutine.Labels].
func Labels(line []byte) map[string]string {
	h, _ := readHeader(bytes.TrimSuffix(line, []byte("\n")))
	return h.labels
}
