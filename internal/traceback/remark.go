package traceback

import "bytes"

// remark reads a line that tells nothing about the program: what the runtime
// writes before a fatal error on standard error, and what it writes about the
// thread after the stacks.
//
//	runtime: goroutine stack exceeds 1000000000-byte limit
//	stack: frame={sp:0xc000012120, fp:0xc000012180} stack=[0xc000012000,0xc000014000)
//	unexpected fault address 0xdead0000
//	instruction bytes: 0xcc 0x48
//	rax    0xca
//	-----
//	exit status 2
func (p *parser) remark(b []byte) bool {
	switch b[0] {
	case '-':
		if string(b) == "-----" && p.caught {
			p.leave()
			p.relayed = true
			return true
		}
	case 'u':
		if bytes.HasPrefix(b, []byte("unexpected fault address 0x")) {
			p.fault = text{}
			p.fault.add(b)
			return true
		}
	case 'i':
		if bytes.HasPrefix(b, []byte("instruction bytes: ")) {
			return p.caught
		}
	case 'e':
		if bytes.HasPrefix(b, []byte("exit status ")) {
			return p.headed || !p.bare()
		}
	case 'r':
		if bytes.HasPrefix(b, []byte("runtime: ")) {
			return true
		}
	case 's':
		if bytes.HasPrefix(b, []byte("stack: frame={sp:")) {
			return true
		}
	}
	return p.caught && b[len(b)-1] != ')' && isRegisters(b)
}

// indentedRemark reads a line that begins with a tab and does not belong to a
// frame:
//
//	goroutine running on other thread; stack unavailable
//	stack=[0xc000012000-0xc000014000
func (p *parser) indentedRemark(b []byte) bool {
	switch {
	case p.g != nil && string(b) == "goroutine running on other thread; stack unavailable":
		p.g.Unavailable = true
		return true
	case bytes.HasPrefix(b, []byte("stack=[0x")), bytes.HasPrefix(b, []byte("morebuf={pc:")), bytes.HasPrefix(b, []byte("sched={pc:")):
		return true
	}
	return false
}

// isRegisters reports whether b has the names and values of registers, in the form
// of any architecture:
//
//	rflags 0x286
//	r0   0x0	r1   0x7ffdf6b0c078
func isRegisters(b []byte) bool {
	n := 0
	for field := range bytes.FieldsSeq(b) {
		if n++; n%2 == 0 {
			if _, rest, ok := hexadecimal(field); !ok || len(rest) > 0 {
				return false
			}
		}
	}
	return n > 0 && n%2 == 0
}
