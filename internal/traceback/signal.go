package traceback

import (
	"bytes"
	"strconv"
)

// signal reads the lines with which the crash output for a signal begins, or for
// an exception on Windows:
//
//	SIGQUIT: quit
//	Signal 70
//	signal 34
//	Exception 0xc0000005 0x0 0x0 0x7ff6e8a6c3a5
//	PC=0x47eaaf m=0 sigcode=0 addr=0x2da6
//	signal arrived during cgo execution
//	signal arrived during external code execution
func (p *parser) signal(b []byte) bool {
	switch {
	case bytes.HasPrefix(b, []byte("SIG")):
		return p.named(b)
	case bytes.HasPrefix(b, []byte("Exception 0x")):
		return p.exception(b)
	case bytes.HasPrefix(b, []byte("PC=0x")):
		return p.registers(b)
	case bytes.HasPrefix(b, []byte("signal arrived during ")):
		if p.d.Signal != nil {
			p.d.Signal.Foreign = true
		}
		return p.caught
	case bytes.HasPrefix(b, []byte("Signal ")), bytes.HasPrefix(b, []byte("signal ")):
		_, ok := decimal(b[len("signal "):])
		return ok && p.die(SignalInfo{Name: "signal " + string(b[len("signal "):])})
	}
	return false
}

// named reads the line of a signal with a name:
//
//	SIGSEGV: segmentation violation
func (p *parser) named(b []byte) bool {
	name, text, ok := bytes.Cut(b, []byte(": "))
	if !ok || len(name) > maxSignal || !isUpper(name) {
		return false
	}
	return p.die(SignalInfo{Name: string(name), Text: string(text[:min(len(text), maxSignal)])})
}

// die notes that s killed the process. It always returns true, so that callers can
// return its result.
func (p *parser) die(s SignalInfo) bool {
	if p.begin() {
		p.leave()
		p.headed, p.caught, p.d.Signal = true, true, &s
	}
	return true
}

// exception reads the line of an exception. It has a code, two parameters and a
// program counter. The second parameter of an access violation is the address:
//
//	Exception 0xc0000005 0x0 0x0 0x7ff6e8a6c3a5
func (p *parser) exception(b []byte) bool {
	var n [4]uint64
	rest := b[len("Exception"):]
	for i := range n {
		var ok bool
		if n[i], rest, ok = hexadecimal(bytes.TrimPrefix(rest, []byte(" "))); !ok {
			return false
		}
	}
	s := exceptionInfo(n[0])
	s.Code, s.Addr, s.PC = n[1], n[2], n[3]
	return len(rest) == 0 && p.die(s)
}

// registers reads the line after that of a signal:
//
//	PC=0x47eaaf m=0 sigcode=18446744073709551610 addr=0x2da6
//	PC=0x47eaaf
func (p *parser) registers(b []byte) bool {
	s := p.d.Signal
	if !p.caught || s == nil {
		return false
	}
	if p.relayed {
		return true
	}
	for field := range bytes.FieldsSeq(b) {
		key, value, _ := bytes.Cut(field, []byte("="))
		switch string(key) {
		case "PC":
			s.PC, _, _ = hexadecimal(value)
		case "addr":
			s.Addr, _, _ = hexadecimal(value)
		case "sigcode":
			s.Code, _ = strconv.ParseUint(string(value), 10, 64)
		}
	}
	return true
}

// signalled reads the line of a signal that became a panic or a fatal error:
//
//	[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4cdbe7]
//	[signal 0xc0000005 code=0x0 addr=0x0 pc=0x7ff6e8a6c3a5]
func (p *parser) signalled(b []byte) bool {
	b, begins := bytes.CutPrefix(b, []byte("[signal "))
	b, ends := bytes.CutSuffix(b, []byte("]"))
	i := bytes.LastIndex(b, []byte(" code=0x"))
	if !begins || !ends || i < 0 {
		return false
	}
	if !p.bare() {
		return true // it belongs to a panic while panicking
	}
	p.leave()
	s := SignalInfo{}
	if code, rest, ok := hexadecimal(b[:i]); ok && len(rest) == 0 {
		s = exceptionInfo(code)
	} else {
		name, text, _ := bytes.Cut(b[:i], []byte(": "))
		s.Name, s.Text = string(name[:min(len(name), maxSignal)]), string(text[:min(len(text), maxSignal)])
	}
	for field := range bytes.FieldsSeq(b[i:]) {
		key, value, _ := bytes.Cut(field, []byte("="))
		switch string(key) {
		case "code":
			s.Code, _, _ = hexadecimal(value)
		case "addr":
			s.Addr, _, _ = hexadecimal(value)
		case "pc":
			s.PC, _, _ = hexadecimal(value)
		}
	}
	if !p.caught {
		p.d.Signal = &s
	}
	return true
}

// exceptionInfo gives an exception the name that it has in the Windows headers. It
// knows the exceptions that the runtime handles (signal_windows.go, isgoexception),
// and the two that C++ and abort raise.
func exceptionInfo(code uint64) SignalInfo {
	switch code {
	case 0xc0000005:
		return SignalInfo{Name: "EXCEPTION_ACCESS_VIOLATION", Text: "access violation"}
	case 0xc0000006:
		return SignalInfo{Name: "EXCEPTION_IN_PAGE_ERROR", Text: "in-page I/O error"}
	case 0xc000001d:
		return SignalInfo{Name: "EXCEPTION_ILLEGAL_INSTRUCTION", Text: "illegal instruction"}
	case 0xc0000094:
		return SignalInfo{Name: "EXCEPTION_INT_DIVIDE_BY_ZERO", Text: "integer divide by zero"}
	case 0xc0000095:
		return SignalInfo{Name: "EXCEPTION_INT_OVERFLOW", Text: "integer overflow"}
	case 0xc000008d, 0xc000008e, 0xc000008f, 0xc0000090, 0xc0000091, 0xc0000093:
		return SignalInfo{Name: "EXCEPTION_FLOAT", Text: "floating-point exception"}
	case 0x80000003:
		return SignalInfo{Name: "EXCEPTION_BREAKPOINT", Text: "breakpoint"}
	case 0xc00000fd:
		return SignalInfo{Name: "EXCEPTION_STACK_OVERFLOW", Text: "stack overflow"}
	case 0xc0000409:
		return SignalInfo{Name: "STATUS_STACK_BUFFER_OVERRUN", Text: "fast fail"}
	case 0xe06d7363:
		return SignalInfo{Name: "exception 0xe06d7363", Text: "C++ exception"}
	}
	return SignalInfo{Name: "exception 0x" + strconv.FormatUint(code, 16)}
}

// headless begins a goroutine without a header, if there can be one here: after the
// lines of a Windows exception, the runtime prints frames without a header
// (signal_windows.go, winthrow). It reports whether it did.
func (p *parser) headless() bool {
	if !p.caught || !p.bare() || p.relayed {
		return false
	}
	p.enter()
	p.start(0)
	return true
}

// isUpper reports whether b consists of upper case letters and digits, as the name
// of a signal does.
func isUpper(b []byte) bool {
	for _, c := range b {
		if !('A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			return false
		}
	}
	return true
}
