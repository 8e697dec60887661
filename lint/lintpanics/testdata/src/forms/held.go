package main

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/panicreport/sentry"

	"forms/common"
)

func init() { maps.Copy(forms, held) }

// A holder has functions and guards in fields, which only this package can set.
type holder struct {
	run, unguarded, either func()
	onPanic, onPanic2      func()
	weak, later, maybe     func()
	aimed                  func()
	ctx                    context.Context
	n                      int
}

func newHolder() *holder {
	h := &holder{run: good, onPanic: sentry.Recover, either: good, weak: common.Swallow, ctx: context.Background()}
	h.onPanic2 = common.LogOnPanic
	h.unguarded = bad
	if never {
		h.either = bad
	}
	h.later = sentry.Recover
	if never {
		h.maybe = sentry.Recover
	}
	aim(&h.aimed)
	return h
}

func aim(f *func()) { *f = bad }

func (h *holder) loop() {
	defer h.onPanic()
	boom()
}

// A twin can be converted to another struct, which sets its field without a name.
type twin struct{ guard func() }

type otherTwin struct{ guard func() }

// A keeper has a guard as an interface.
type keeper struct {
	log   logger
	noisy logger
	any   logger
}

type logger interface{ OnPanic() }

type silentLogger struct{}

func (silentLogger) OnPanic() { recover() }

func newKeeper(any logger) *keeper {
	return &keeper{log: new(common.Logger), noisy: silentLogger{}, any: any}
}

func (k *keeper) loop() { defer k.log.OnPanic(); boom() }

type inner struct{ guard func() }

type unsetOuter struct{ inner inner }

type setOuter struct{ in setInner }

type setInner struct{ guard func() }

// aborts leaves out what is no crash, and others what may be one.
func aborts() {
	if r := recover(); r != nil {
		if r == http.ErrAbortHandler {
			panic(r)
		}
		sentry.RecoverError(r)
	}
}

func others() {
	if r := recover(); r != nil {
		if r == any("boom") {
			return
		}
		sentry.RecoverError(r)
	}
}

var held = map[string]func(){
	"field guarded":        func() { h := newHolder(); go h.run() },
	"field literal":        func() { h := struct{ f func() }{func() { defer sentry.Recover(); boom() }}; go h.f() },
	"field unguarded":      func() { h := newHolder(); go h.unguarded() },              // want `goroutine bad has no guard`
	"field of both":        func() { h := newHolder(); h.either = bad; go h.either() }, // want `goroutine bad has no guard`
	"field by pointer":     func() { h := newHolder(); go h.aimed() },                  // want `goroutine runs a field`
	"guard in field":       func() { h := newHolder(); h.n++; go func() { defer h.onPanic(); boom() }() },
	"guard in set field":   func() { h := newHolder(); h.n++; go func() { defer h.onPanic2(); boom() }() },
	"guard in method":      func() { h := newHolder(); h.n++; go h.loop() },
	"guard in weak field":  func() { h := newHolder(); h.n++; go func() { defer h.weak(); boom() }() },  // want `recovers a panic and does not report it`
	"guard in field maybe": func() { h := newHolder(); h.n++; go func() { defer h.maybe(); boom() }() }, // want `a guard on some paths only`
	"guard in field of nil": func() {
		var h *holder
		go func() { println("PANIC"); defer h.onPanic(); boom() }() // want `too late: the field onPanic of a pointer`
	},
	"guard in converted field": func() { t := twin(otherTwin{bad}); go func() { defer t.guard(); boom() }() }, // want `has no guard`
	"guard in inner field": func() {
		o := unsetOuter{}
		o.inner.guard = nil
		go func() { println("PANIC"); defer o.inner.guard() }()
	}, // want `has no guard`
	"guard in outer field": func() {
		o := setOuter{setInner{sentry.Recover}}
		go func() { defer o.in.guard(); boom() }()
	},
	"guard in no value": func() {
		var g func()
		if never {
			g = sentry.Recover
		}
		go func() { defer g(); boom() }()
	}, // want `a guard on some paths only`
	"guard in a value": func() {
		var g func()
		if never {
			g = sentry.Recover
		} else {
			g = common.LogOnPanic
		}
		go func() { defer g(); boom() }()
	},
	"guard of context in field": func() {
		h := newHolder()
		h.n++
		go func() { defer sentry.RecoverWithContext(h.ctx); boom() }()
	},
	"guard of context of nil": func() {
		var h *holder
		go func() { println("PANIC"); defer sentry.RecoverWithContext(h.ctx); boom() }()
	}, // want `too late: the field ctx`

	"guard in interface":      func() { k := newKeeper(nil); go func() { _ = 1; defer k.log.OnPanic(); boom() }() },
	"guard in interface of":   func() { k := newKeeper(nil); _ = k.log; go func() { defer k.log.OnPanic(); boom() }() },
	"guard in interface loop": func() { k := newKeeper(nil); _ = k.log; go k.loop() },
	"guard in local interface": func() {
		var l logger = new(common.Logger)
		go func() { defer l.OnPanic(); boom() }()
	},
	"guard in noisy interface": func() { k := newKeeper(nil); _ = k.log; go func() { defer k.noisy.OnPanic(); boom() }() },          // want `recovers a panic and does not report it`
	"guard in any interface":   func() { k := newKeeper(silentLogger{}); _ = k.log; go func() { defer k.any.OnPanic(); boom() }() }, // want `has no guard`

	"guard in endless loop": func() {
		go func() {
			for {
				defer sentry.Recover()
				boom()
			}
		}()
	},
	"guard in a loop": func() {
		go func() {
			for range 2 {
				defer sentry.Recover()
			}
			boom()
		}()
	},
	"guard in a counted loop": func() {
		go func() {
			for i := 0; i < 2; i++ {
				defer sentry.Recover()
			}
			boom()
		}()
	},
	"guard in an empty loop": func() {
		go func() {
			for i := 2; i < 2; i++ {
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `some paths only`
	"guard in a left loop": func() {
		go func() {
			for range 2 {
				if !never {
					break
				}
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `some paths only`
	"guards of a list": func() {
		go func() {
			for _, g := range []func(){sentry.Recover, common.LogOnPanic} {
				defer g()
			}
			boom()
		}()
	},
	"function of an assigned list": func() {
		var f func()
		for _, f = range []func(){good} {
			go f()
		}
	},
	"guards of a bad list": func() {
		go func() {
			for _, g := range []func(){common.Swallow, sentry.Recover, common.Swallow} {
				defer g()
			}
			boom()
		}()
	}, // want `recovers a panic`

	"guard after jump back": func() {
		go func() {
			i := 0
		again:
			i++
			if i < 2 {
				goto again
			}
			defer sentry.Recover()
			boom()
		}()
	},
	"guard but for aborts": func() { go func() { defer aborts(); boom() }() },
	"guard but for others": func() { go func() { defer others(); boom() }() }, // want `recovers a panic and does not report it`

	"swallowed below a guard": func() {
		go func() {
			defer sentry.Recover()
			defer func() { recover() }()
			boom()
		}()
	}, // want `recovers a panic and does not report it`
	"swallowed above a guard": func() {
		go func() {
			defer func() { recover() }()
			defer sentry.Recover()
			boom()
		}()
	},
	"swallowed between guards": func() {
		go func() {
			defer sentry.Recover()
			defer common.Swallow()
			defer sentry.Recover()
			boom()
		}()
	},
	"swallowed in part": func() {
		go func() {
			defer sentry.Recover()
			defer func() {
				if r := recover(); r != nil && r != any("stop") {
					panic(r)
				}
			}()
			boom()
		}()
	},

	"checked pointer": func() {
		var h *holder
		go func() {
			if h != nil {
				<-h.ctx.Done()
			}
		}()
	}, // want `no guard: .* the method Done of an interface`
	"checked field": func() {
		var h *holder
		go func() {
			if h == nil || h.n > 0 {
				return
			}
			h.n++
		}()
	},
	"checked the wrong way": func() {
		var h *holder
		go func() {
			if h == nil || h.n > 0 {
				println("PANIC")
				h.n++
			}
		}()
	}, // want `the field n of a pointer`
	"checked and set": func() {
		h := newHolder()
		_ = h.n
		go func() { time.Sleep(10 * time.Millisecond); println("PANIC"); h.n++ }()
		h = nil
	}, // want `the field n of a pointer`
}
