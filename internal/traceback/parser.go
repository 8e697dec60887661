package traceback

import "bytes"

// A block is what the lines at hand belong to.
type block uint8

const (
	outside   block = iota // between the blocks, and before the first
	panicText              // panic: … and its continuations
	fatalText              // fatal error: … and its continuations
	stack                  // the frames of a goroutine or a thread
	ancestor               // [originating from goroutine N]: not kept
)

// A parser takes a crash output line by line. Every line goes one way: line
// decides by how it begins, and hands it to the function that reads it.
type parser struct {
	d     *Dump
	block block

	// frames receives the frames of the block at hand, g what else it has;
	// nil if it is not kept.
	frames *[]Frame
	g      *Goroutine

	// call is a line that names a function, until the line with its place.
	call call

	panics panicReader
	fatal  text // of "fatal error: "
	fault  text // of "unexpected fault address ", on standard error

	headed  bool // a line said how the process died
	failed  bool // it was "fatal error: "
	caught  bool // it was a signal's or an exception's
	relayed bool // after "-----" other threads report, on request
	stacked bool // there was a "runtime stack:"
	over    bool // the crash output is complete, another one follows
	blank   bool // the line before was empty
	apart   bool // the first stack had an empty line before it
	alone   bool // and nothing before that which was not understood

	names map[string]string
	kept  int // bytes of names and frames
}

func newParser() *parser {
	return &parser{d: &Dump{}, names: make(map[string]string)}
}

// line takes one line without its end.
func (p *parser) line(b []byte) {
	switch {
	case len(b) == 0:
		p.leave()
		p.blank = true
		return
	case b[0] == '\t':
		p.indented(b[1:])
	case p.over:
		p.further(b)
	default:
		if p.block == panicText || p.block == fatalText {
			p.leave()
		}
		if !p.known(b) {
			p.unread(b)
		}
	}
	p.blank = false
}

// indented takes a line that begins with a tab, without it: more of a panic's
// text, the place of a call, or a remark.
func (p *parser) indented(b []byte) {
	switch {
	case p.over, p.skipping():
	case p.block == panicText:
		p.panics.more(b)
	case p.block == fatalText:
		p.fatal.add(b)
	case p.call.kind != noCall:
		p.place(b, true)
	case !p.indentedRemark(b):
		p.unread(b)
	}
}

// known takes a line that begins at column 0, and reports whether it is one
// that the runtime writes. The first byte decides what it can be.
func (p *parser) known(b []byte) bool {
	switch b[0] {
	case 'g':
		if p.goroutine(b) {
			return true
		}
	case 'p':
		if p.panicked(b) {
			return true
		}
	case 'f':
		if p.threw(b) {
			return true
		}
	case 'c':
		if p.createdBy(b) {
			return true
		}
	case 'r':
		if p.runtimeStack(b) {
			return true
		}
	case '[':
		return p.signalled(b) || p.originating(b)
	case '.':
		return p.elided(b)
	case 'S', 's', 'E', 'P':
		if p.signal(b) {
			return true
		}
	case 'n':
		if p.foreign(b) {
			return true
		}
	}
	return p.remark(b) || p.called(b)
}

// skipping reports whether the block at hand has frames that are not kept.
func (p *parser) skipping() bool {
	return p.block == ancestor || p.block == stack && p.frames == nil
}

// runtimeStack takes
//
//	runtime stack:
func (p *parser) runtimeStack(b []byte) bool {
	if string(b) != "runtime stack:" {
		return false
	}
	p.enter()
	if !p.relayed && !p.stacked {
		p.frames = &p.d.RuntimeStack
	}
	p.stacked = true
	return true
}

// enter begins a stack.
func (p *parser) enter() {
	p.leave()
	if p.bare() {
		p.apart, p.alone = p.blank, p.d.Unread.Lines == 0
	}
	p.block = stack
}

// originating takes the header of the stack of a goroutine's ancestor, which
// GODEBUG=tracebackancestors=N prints below its own:
//
//	[originating from goroutine 20]:
func (p *parser) originating(b []byte) bool {
	if !bytes.HasPrefix(b, []byte("[originating from goroutine ")) || !bytes.HasSuffix(b, []byte("]:")) {
		return false
	}
	p.leave()
	p.block = ancestor
	return true
}

// leave ends the block at hand.
func (p *parser) leave() {
	p.drop()
	p.block, p.g, p.frames = outside, nil, nil
}

// begin is called at a line that says how a process died, and reports whether
// it is to be read: it is not if what was read before it was a death already.
func (p *parser) begin() bool {
	switch {
	case p.relayed:
		return false
	case p.bare():
		return true
	case p.credible():
		p.leave()
		p.over = true
		p.d.Further++
		return false
	}
	p.restart()
	return true
}

// bare reports whether there was no stack yet.
func (p *parser) bare() bool {
	return len(p.d.Goroutines) == 0 && p.d.Dropped == 0 && !p.stacked
}

// credible reports whether what was read is a death. Before a stack the runtime
// writes an empty line, and before that it says what happened; only of a fatal
// error SetCrashOutput has nothing, but then nothing else either. Programs print
// stacks of debug.Stack, and texts that begin with "panic: ", and go on.
func (p *parser) credible() bool {
	if gs := p.d.Goroutines; len(gs) > 0 && len(gs[0].Frames) > 0 && gs[0].Frames[0].Function == "runtime/debug.Stack" {
		return false
	}
	return p.apart && (p.headed || p.stacked || p.alone)
}

// restart forgets what was read.
func (p *parser) restart() {
	d := &Dump{Further: p.d.Further + 1, Unread: p.d.Unread, Truncated: p.d.Truncated}
	*p = *newParser()
	p.d = d
}

// further takes a line after the crash output.
func (p *parser) further(b []byte) {
	if bytes.HasPrefix(b, []byte("panic: ")) || bytes.HasPrefix(b, []byte("fatal error: ")) || bytes.HasPrefix(b, []byte("SIG")) {
		p.d.Further++
	}
}

// truncated takes the last line of a text that does not end with one. A name or
// a number can lack its end there, and half of one is worse than none.
func (p *parser) truncated(b []byte) {
	p.d.Truncated = true
	switch {
	case b[0] == '\t' && p.call.kind != noCall && !p.over:
		p.place(b[1:], false)
	case b[0] == '\t', b[len(b)-1] == ':', bytes.HasPrefix(b, []byte("panic: ")), bytes.HasPrefix(b, []byte("fatal error: ")):
		p.line(b)
	case !p.over:
		p.unread(b)
	}
}

// finish says what it all was.
func (p *parser) finish() *Dump {
	p.keepCall()
	p.leave()
	p.conclude()
	return p.d
}

// unread counts a line that was not understood.
func (p *parser) unread(b []byte) {
	u := &p.d.Unread
	u.Lines++
	u.Bytes += int64(len(b))
	if len(u.First) < maxUnread {
		u.First = append(u.First, string(b[:min(len(b), maxUnreadLine)]))
	}
}

// keep returns b as a string, the same one for all that are equal.
func (p *parser) keep(b []byte, limit int) string {
	b = b[:min(len(b), limit)]
	if s, ok := p.names[string(b)]; ok {
		return s
	}
	s := string(b)
	p.names[s] = s
	p.kept += len(s)
	return s
}
