package traceback

import (
	"strings"
)

// gopanic is the function behind the predeclared panic.
const gopanic = "runtime.gopanic"

// conclude finds the kind of the crash and its reason, after all lines are read.
func (p *parser) conclude() {
	d := p.d
	deadlock := p.deadlocked()
	if len(d.Goroutines) > 0 {
		g := &d.Goroutines[0]
		g.Crashed = p.caught || is(g.State, "running") || g.State == "" && p.diedFirst()
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

// concludeFatal is for a fatal error. words are the words of the runtime, or "" if
// the text does not have them.
func (p *parser) concludeFatal(words string) {
	d := p.d
	d.Kind, d.Reason = Fatal, words
	frames := d.dying()
	at, caller := throwAt(frames)
	if at == 0 && words == "" && !(d.crashed() && p.credible()) {
		// There are stacks, but nothing shows that the process died.
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

// concludeFault is for a fault at an address that is not near nil. The runtime does
// not turn it into a panic, but throws "fault" after a line that only standard
// error has:
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
	d.Reason = legible(d.Panics[len(d.Panics)-1].Value)
	if d.crashed() {
		d.origin = originOfPanic(d.Goroutines[0].Frames, d.Panics)
	}
	if d.isRuntimeError() {
		d.Kind = RuntimeError
	}
}

// is reports whether a goroutine's state is the given one. A new version of Go can
// add something to a state.
func is(state, name string) bool {
	rest, ok := strings.CutPrefix(state, name)
	return ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z')
}

// diedFirst reports whether the first goroutine is the one that died, although its
// header does not tell. The runtime prints that one first if it panicked or called
// throw (runtime/panic.go, dopanic_m).
func (p *parser) diedFirst() bool {
	at, _ := throwAt(p.d.Goroutines[0].Frames)
	return len(p.panics.found) > 0 || at > 0
}

// deadlocked reports whether no goroutine runs, and no line tells how the process
// died. Only the deadlock detector of the runtime ends a process in this way.
func (p *parser) deadlocked() bool {
	if p.headed || p.stacked || len(p.d.Goroutines) == 0 || !p.credible() {
		return false
	}
	for _, g := range p.d.Goroutines {
		if g.State == "" || is(g.State, "running") || is(g.State, "runnable") || is(g.State, "syscall") {
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

// sent reports whether a process has sent the signal s. Otherwise the kernel raised
// it for a fault, with a positive code (sigaction(2), si_code). An exception is
// never sent.
func sent(s *SignalInfo) bool {
	return strings.HasPrefix(strings.ToUpper(s.Name), "SIG") && int64(s.Code) <= 0
}

// tellMost moves the first goroutine that ran code outside the runtime to the
// front, because the others tell nothing about the program.
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
