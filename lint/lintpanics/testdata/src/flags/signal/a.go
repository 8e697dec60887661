package signal

import (
	"flags/handler"
	"os"
	"slices"

	"github.com/panicreport/sentry"
)

func stop(os.Signal) { panic("x") }

func local(f func(os.Signal)) {
	go func() { // want `goroutine has no guard: .* a call of a parameter`
		f(os.Interrupt)
	}()
}

func use() {
	handler.On(stop)                          // want `callback of handler.On stop has no guard`
	handler.On(func(os.Signal) { stop(nil) }) // want `callback of handler.On has no guard`
	handler.On(func(os.Signal) {})
	handler.On(nil)
	handler.On(func(s os.Signal) { defer sentry.Recover(); stop(s) })
	local(stop)
	_ = slices.ContainsFunc([]os.Signal{os.Interrupt}, known) // in this goroutine
}

func known(s os.Signal) bool { return s == os.Interrupt }
