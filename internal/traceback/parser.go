package traceback

import "bytes"

// A block is the part of the text to which the current line belongs.
type block uint8

const (
	outside   block = iota // between the blocks, and before the first
	panicText              // panic: … and the lines that continue it
	fatalText              // fatal error: … and the lines that continue it
	stack                  // the frames of a goroutine or a thread
	ancestor               // [originating from goroutine N]: not kept
)

// A parser reads a crash output line by line. The method line looks at how a line
// begins, and calls the method that reads lines of this kind.
type parser struct {
	d     *Dump
	block block

	// frames receives the frames of the current block, and g its other
	// properties. Both are nil if the block is not kept.
	frames *[]Frame
	g      *Goroutine

	// call is the line with the name of a function, while the line with its
	// position has not come yet.
	call call

	panics panicReader
	fatal  text // after "fatal error: "
	fault  text // of "unexpected fault address ", on standard error

	headed  bool // a line has told how the process died
	failed  bool // that line was "fatal error: …"
	caught  bool // that line was of a signal or an exception
	relayed bool // after "-----", where other threads print their stacks on request
	stacked bool // there was a "runtime stack:"
	over    bool // the crash output is complete, and another one follows
	blank   bool // the line before was empty
	apart   bool // there was an empty line before the first stack
	alone   bool // nothing before the first stack was not understood

	names map[string]string // see keep
	kept  int               // bytes of names and frames

	sums    []uint64  // of the goroutines that are kept, see settle
	spare   Goroutine // one that may not be kept
	creator *Frame    // memory for the next one
}

func newParser() *parser {
	return &parser{d: &Dump{}, names: make(map[string]string)}
}

// line reads one line. b is without the end of the line.
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

// indented reads a line that begins with a tab: more text of a panic, the position
// of a call, or a remark. b is without the tab.
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

// known reads a line that begins at column 0, and reports whether it is a line that
// the runtime writes. The first byte decides what it can be.
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

// skipping reports whether the current block has frames that are not kept.
func (p *parser) skipping() bool {
	return p.block == ancestor || p.block == stack && p.frames == nil
}

// runtimeStack reads the header of the stack of a thread:
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

// originating reads the header of the stack of an ancestor of a goroutine. With
// GODEBUG=tracebackancestors=N, it comes after the goroutine's own stack:
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

// leave ends the current block.
func (p *parser) leave() {
	p.drop()
	p.settle()
	p.block, p.frames = outside, nil
}

// begin is called for a line that tells how a process died. It reports whether to
// read the line, which is not so if a complete crash output comes before it.
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

// bare reports whether no stack has come yet.
func (p *parser) bare() bool {
	return len(p.d.Goroutines) == 0 && p.d.Dropped == 0 && !p.stacked
}

// credible reports whether the text so far is a crash output of the runtime.
// Programs also print stacks of debug.Stack, or lines that begin with "panic: ",
// and go on. The runtime writes an empty line before a stack, and before that what
// has happened. Only for a fatal error, the copy of SetCrashOutput does not tell
// what has happened. It then has no other text before the stack.
func (p *parser) credible() bool {
	if gs := p.d.Goroutines; len(gs) > 0 && len(gs[0].Frames) > 0 && gs[0].Frames[0].Function == "runtime/debug.Stack" {
		return false
	}
	return p.apart && (p.headed || p.stacked || p.alone)
}

// restart forgets what was read, except for what was not understood.
func (p *parser) restart() {
	d := &Dump{Further: p.d.Further + 1, Unread: p.d.Unread, Truncated: p.d.Truncated}
	*p = *newParser()
	p.d = d
}

// further reads a line after the crash output.
func (p *parser) further(b []byte) {
	if bytes.HasPrefix(b, []byte("panic: ")) || bytes.HasPrefix(b, []byte("fatal error: ")) || bytes.HasPrefix(b, []byte("SIG")) {
		p.d.Further++
	}
}

// truncated reads a last line that has no end. A name or a number can lack its end
// there. It is then dropped, because half a name or number would be wrong.
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

// finish ends the parsing and returns the Dump.
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

// keep returns b as a string of at most limit bytes. Equal ones share their memory.
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
