package traceback

import "bytes"

// A text collects lines, up to maxText bytes.
type text struct {
	b     []byte
	lines int
}

func (t *text) add(line []byte) {
	if t.lines++; t.lines > 1 {
		t.raw([]byte("\n"))
	}
	t.raw(line)
}

func (t *text) raw(b []byte) {
	t.b = append(t.b, b[:min(len(b), max(0, maxText-len(t.b)))]...)
}

// A panicReader reads the lines of a chain of panics:
//
//	panic: first [recovered]
//		panic: second
//		in two lines
//		panic: third [recovered, repanicked]
//
// The runtime writes a tab before every line of a text except the first, and also
// before the word "panic" of every panic except the first. So the text of a single
// panic looks like a chain if one of its lines begins with "panic: ". Only the
// stack, which is read later, tells the difference: it has a call of panic for each
// panic. Until then, every such line counts as a panic.
type panicReader struct {
	found []found
}

// A found is a line that begins with "panic: ", and the lines up to the next one
// that does.
type found struct {
	text
	mark mark
}

// A mark is what the runtime writes after the text of a panic.
type mark uint8

const (
	unmarked mark = iota
	recovered
	repanicked
)

// String returns the mark as the runtime writes it.
func (m mark) String() string {
	return [...]string{"", " [recovered]", " [recovered, repanicked]"}[m]
}

// markOf returns the mark at the end of line.
func markOf(line []byte) mark {
	for _, m := range []mark{recovered, repanicked} {
		if bytes.HasSuffix(line, []byte(m.String())) {
			return m
		}
	}
	return unmarked
}

// panicked reads the first line of the text of a panic:
//
//	panic: runtime error: index out of range [5] with length 3
func (p *parser) panicked(b []byte) bool {
	value, ok := bytes.CutPrefix(b, []byte("panic: "))
	if !ok {
		return string(b) == "panic during panic"
	}
	if p.headed && p.bare() && !p.relayed {
		// There is no stack between this line and the one before. Either two
		// goroutines panicked at one moment with GOTRACEBACK=none, or the program
		// itself has printed the former line.
		p.restart()
	}
	if p.begin() {
		p.leave()
		p.headed, p.block = true, panicText
		p.panics.start(value)
	}
	return true
}

// start begins a panic. value is the rest of the line after "panic: ".
func (r *panicReader) start(value []byte) {
	r.found = append(r.found, found{})
	r.line(value)
}

// more reads a line that begins with a tab. b is without the tab.
func (r *panicReader) more(b []byte) {
	if value, ok := bytes.CutPrefix(b, []byte("panic: ")); ok && len(r.found) < maxPanics {
		r.start(value)
		return
	}
	r.line(b)
}

func (r *panicReader) line(b []byte) {
	f := &r.found[len(r.found)-1]
	f.mark = markOf(b)
	f.add(b)
}

// chain returns the panics of the text. calls is the number of calls of panic on
// the stack, or -1 if it is not known. There cannot be more panics than calls, and
// a panic that was repanicked needs at least two. If the text seems to have more
// panics, some of them are lines in the text of a panic. Then chain makes those
// that are too many a part of the last panic.
func (r *panicReader) chain(calls int) []PanicValue {
	for n := len(r.found); n > 0; n-- {
		if values, need := r.take(n, true); calls < 0 || need <= calls {
			return values
		}
	}
	// The mark needs a second call of panic. There is none, so it is text.
	values, _ := r.take(min(1, len(r.found)), false)
	return values
}

// take returns the first n panics, and how many calls of panic they need. All text
// that follows becomes a part of the last one. marks is false if marks are text.
func (r *panicReader) take(n int, marks bool) (values []PanicValue, need int) {
	for i, f := range r.found[:n] {
		t, m := f.text, f.mark
		if i == n-1 {
			for _, more := range r.found[n:] {
				t.add(append([]byte("panic: "), more.b...))
				m = more.mark
			}
		}
		if !marks || i == n-1 && m == recovered {
			// The last panic was not recovered, since it ended the process.
			m = unmarked
		}
		values = append(values, PanicValue{
			Value:      string(bytes.TrimSuffix(t.b, []byte(m.String()))),
			Recovered:  m != unmarked,
			Repanicked: m == repanicked,
		})
		need++
		if m == repanicked {
			need++
		}
	}
	return values, need
}

// cutFatal removes the text of a fatal error from that of the last panic, and
// returns it. The fatal error happened in a deferred function and ended the
// process. Only standard error has its line, which begins with a tab like the text
// of a panic. The caller knows from the frames that there is a fatal error.
//
//	panic: first
//		fatal error: sync: unlock of unlocked mutex
func (r *panicReader) cutFatal() (words string, ok bool) {
	f := &r.found[len(r.found)-1]
	i := bytes.LastIndex(f.b, []byte("\nfatal error: "))
	if i < 0 {
		return "", false
	}
	words = string(f.b[i+len("\nfatal error: "):])
	f.b = f.b[:i]
	f.mark = markOf(f.b)
	return words, true
}
