package traceback

import "bytes"

// goroutine reads the header of a goroutine, see [readHeader]. A line that has a part
// which is not understood is a header only where the runtime writes one, after an
// empty line: other text can begin in the same way. Half a line is none.
func (p *parser) goroutine(b []byte) bool {
	h, ok := readHeader(b)
	if !ok || h.strange && (!p.blank || p.d.Truncated) {
		return false
	}
	p.enter()
	if p.relayed && p.resume(h.id) {
		return true
	}
	if p.kept > maxKept {
		p.d.Dropped++
		return true
	}
	p.start(h.id)
	p.g.State = p.keep(h.state, maxName)
	p.g.Wait, p.g.LockedToThread, p.g.Leaked = h.wait, h.locked, h.leaked
	p.g.Bubble, p.g.Labels = h.bubble, h.labels
	return true
}

// start adds a goroutine, which receives the frames that follow. If there is no room
// for one more, it is the spare one: an earlier goroutine can have the same stack.
func (p *parser) start(id int64) {
	frames := p.spare.Frames[:0]
	p.spare = Goroutine{}
	if len(p.d.Goroutines) < maxGoroutines {
		p.d.Goroutines = append(p.d.Goroutines, Goroutine{})
		p.g = &p.d.Goroutines[len(p.d.Goroutines)-1]
	} else {
		p.g = &p.spare
	}
	*p.g = Goroutine{ID: id, Frames: frames}
	p.frames = &p.g.Frames
}

// resume is for a stack that another thread prints on request, with
// GOTRACEBACK=crash. It is the stack of a goroutine that came before without one,
// or of the thread itself, which is not kept. resume returns false if it is that of
// a goroutine which did not come before.
func (p *parser) resume(id int64) bool {
	if id == 0 {
		return true
	}
	for i := range p.d.Goroutines {
		if g := &p.d.Goroutines[i]; g.ID == id {
			if g.Unavailable && len(g.Frames) == 0 {
				g.Unavailable = false
				p.g, p.frames = g, &g.Frames
			}
			return true
		}
	}
	return false
}

// decimal reads a number of digits. ok is false if b has anything else.
func decimal(b []byte) (n int64, ok bool) {
	for _, c := range b {
		digit := int64(c) - '0'
		if digit < 0 || digit > 9 || n > (1<<63-1-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, len(b) > 0
}

// hexadecimal reads "0x" and hexadecimal digits at the beginning of b.
func hexadecimal(b []byte) (n uint64, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(b, []byte("0x"))
	if !ok {
		return 0, b, false
	}
	i := 0
	for ; i < len(rest); i++ {
		c := rest[i]
		switch {
		case '0' <= c && c <= '9':
			n = n<<4 | uint64(c-'0')
		case 'a' <= c && c <= 'f':
			n = n<<4 | uint64(c-'a'+10)
		default:
			return n, rest[i:], i > 0
		}
	}
	return n, nil, i > 0
}
