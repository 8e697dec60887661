package guards

import (
	"flags/other"

	"github.com/panicreport/sentry"
)

func risky() { panic("x") }

func use(c *other.Client) {
	go func() {
		defer other.Monitor()
		risky()
	}()
	go func() {
		defer c.Guard()
		risky()
	}()
	go func() {
		defer sentry.Recover()
		risky()
	}()
	go func() { // want `recovers a panic and does not report it`
		defer other.Named("x")
		risky()
	}()
	go func() { // want `calls a guard instead of deferring it`
		other.Monitor()
		risky()
	}()
	go func() { // want `a guard inside a deferred function`
		defer func() { other.Monitor() }()
		risky()
	}()
}

// Reporter is an interface with a guard, which -guards names.
type Reporter interface{ OnPanic() }

type unnamed interface{ OnPanic() }

func through(r Reporter, o unnamed) {
	go func() {
		defer r.OnPanic()
		risky()
	}()
	go func() { // want `has no guard`
		defer o.OnPanic()
		risky()
	}()
}
