package traceback

import (
	"strings"
)

// gopanic is the function behind the predeclared panic.
const gopanic = "runtime.gopanic"

// conclude says what the lines were, when all of them are read.
func (p *parser) conclude() {
	d := p.d
	deadlock := p.deadlocked()
	if len(d.Goroutines) > 0 {
		g := &d.Goroutines[0]
		g.Crashed = p.caught || g.State == "running"
	}
	switch {
	case p.caught:
		d.Kind, d.Reason = Signal, d.Signal.Text
	case p.failed:
		p.concludeFatal(string(p.fatal.b))
	case len(p.panics.found) > 0:
		p.concludePanic()
	case deadlock:
		d.Kind, d.Reason, d.Inferred = Fatal, asleep, true
	case !p.bare():
		p.concludeFatal("")
	}
	if d.Kind == Fatal && d.Reason == asleep || p.caught && sent(d.Signal) {
		d.tellMost()
	}
}

// concludeFatal is for a fatal error; words are the runtime's, if the text has
// them.
func (p *parser) concludeFatal(words string) {
	d := p.d
	d.Kind, d.Reason = Fatal, words
	frames := d.dying()
	at, caller := throwAt(frames)
	if at == 0 && words == "" && !(d.crashed() && p.credible()) {
		// Stacks, and nothing that says that one of them is a death's.
		d.Kind = Unknown
		for i := range d.Goroutines {
			d.Goroutines[i].Crashed = false
		}
		return
	}
	if words == "" {
		d.Reason, d.Inferred = infer(frames[:at], caller), true
	}
	if d.Signal != nil && caller == "runtime.sigpanic" && !p.stacked {
		p.concludeFault()
	}
	if !p.stacked {
		d.origin = pastPrinting(frames, at)
	}
}

// concludeFault is for an address that is no nil pointer's, which the runtime
// does not turn into a panic. It throws "fault", after a line that standard
// error alone has:
//
//	unexpected fault address 0xdead0000
func (p *parser) concludeFault() {
	d := p.d
	d.Kind, d.Reason, d.Inferred = Signal, string(p.fault.b), len(p.fault.b) == 0
	if d.Inferred {
		d.Reason = "unexpected fault address " + hex(d.Signal.Addr)
	}
}

// concludePanic is for a text that begins with "panic: ".
func (p *parser) concludePanic() {
	d := p.d
	if at, _ := throwAt(d.dying()); at > 0 {
		if words, ok := p.panics.cutFatal(); ok {
			d.Panics = p.panics.chain(countPanics(d.dying()))
			p.concludeFatal(words)
			return
		}
	}
	calls := -1
	if d.crashed() && !(d.Truncated && len(d.Goroutines) == 1) {
		calls = countPanics(d.Goroutines[0].Frames)
	}
	d.Panics = p.panics.chain(calls)
	d.Kind = Panic
	d.Reason = withoutAddress(d.Panics[len(d.Panics)-1].Value)
	if d.crashed() {
		d.origin = originOfPanic(d.Goroutines[0].Frames, d.Panics)
	}
	if d.isRuntimeError() {
		d.Kind = RuntimeError
	}
}

// withoutAddress takes the address from a value that is shown by its type: it
// is another one in every run.
//
//	(main.T) 0xc000012120
func withoutAddress(value string) string {
	i := strings.LastIndex(value, ") 0x")
	if i < 0 || value[0] != '(' {
		return value
	}
	if _, rest, ok := hexadecimal([]byte(value[i+2:])); !ok || len(rest) > 0 {
		return value
	}
	return value[:i+1]
}

// deadlocked reports whether no goroutine runs, and none is said to have died.
// Only the runtime's deadlock detector ends a process like that.
func (p *parser) deadlocked() bool {
	if p.headed || p.stacked || len(p.d.Goroutines) == 0 || !p.credible() {
		return false
	}
	for _, g := range p.d.Goroutines {
		switch g.State {
		case "running", "runnable", "syscall":
			return false
		}
	}
	return true
}

// crashed reports whether the first goroutine is the one that died.
func (d *Dump) crashed() bool {
	return len(d.Goroutines) > 0 && d.Goroutines[0].Crashed
}

// dying returns the stack on which the runtime died.
func (d *Dump) dying() []Frame {
	if len(d.RuntimeStack) > 0 {
		return d.RuntimeStack
	}
	if d.crashed() {
		return d.Goroutines[0].Frames
	}
	return nil
}

// sent reports whether a process sent s, rather than a fault of this one. The
// kernel's own codes are positive (sigaction(2), si_code); an exception is
// always the process's own.
func sent(s *SignalInfo) bool {
	return strings.HasPrefix(strings.ToUpper(s.Name), "SIG") && int64(s.Code) <= 0
}

// tellMost moves the first goroutine that ran more than the runtime to the
// front.
func (d *Dump) tellMost() {
	for i, g := range d.Goroutines {
		for _, f := range g.Frames {
			if !inRuntime(f.Function) {
				copy(d.Goroutines[1:i+1], d.Goroutines[:i])
				d.Goroutines[0] = g
				return
			}
		}
	}
}
