package traceback

import "bytes"

// A text gathers lines, up to maxText bytes.
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

// A panicReader takes the lines of a chain of panics:
//
//	panic: first [recovered]
//		panic: second
//		in two lines
//		panic: third [recovered, repanicked]
//
// The runtime puts a tab before every line of a text but its first, and also
// before the word "panic" of all but the first. So a text in which a line
// begins with "panic: " looks like a chain. The stack tells, later: it has a
// call of panic for every one. Until then every such line is taken for one.
type panicReader struct {
	found []found
}

// A found is a line that begins with "panic: ", with those below it up to the
// next one.
type found struct {
	text
	mark mark
}

// A mark is what stands at the end of a panic's text.
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

// panicked takes the first line of a panic's text:
//
//	panic: runtime error: index out of range [5] with length 3
func (p *parser) panicked(b []byte) bool {
	value, ok := bytes.CutPrefix(b, []byte("panic: "))
	if !ok {
		return string(b) == "panic during panic"
	}
	if p.headed && p.bare() && !p.relayed {
		// Two of them without a stack between: of two panics at a moment with
		// GOTRACEBACK=none, or the former is a line of the program's own.
		p.restart()
	}
	if p.begin() {
		p.leave()
		p.headed, p.block = true, panicText
		p.panics.start(value)
	}
	return true
}

// start takes the rest of a line after "panic: ".
func (r *panicReader) start(value []byte) {
	r.found = append(r.found, found{})
	r.line(value)
}

// more takes a line below, without its tab.
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

// chain returns the panics that the text stands for, if the stack has calls
// calls of panic; -1 if that is not known. There can not be more panics than
// calls, and one that was repanicked has two at least. Where the text has
// more, lines of a panic's own text look like the runtime's, and those that
// are too many stay part of the last.
func (r *panicReader) chain(calls int) []PanicValue {
	for n := len(r.found); n > 0; n-- {
		if values, need := r.take(n, true); calls < 0 || need <= calls {
			return values
		}
	}
	// A mark that no second call of panic bears out is text.
	values, _ := r.take(min(1, len(r.found)), false)
	return values
}

// take returns the first n panics, the last one with all that follows, and how
// many calls of panic they need.
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
			// The last one was not recovered, or it would not be the end.
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

// cutFatal takes off the fatal error that ended the process in a deferred
// function, which only standard error has, and there on a line that begins with
// a tab as a panic's text does. The caller knows from the frames that there is
// one.
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
