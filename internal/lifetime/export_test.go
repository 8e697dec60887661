package lifetime

import "github.com/panicreport/sentry/internal/reporter"

// Memo is what the mark of a run has.
type Memo = memo

// TakeOrder and GiveOrder are what keeps Begin and End apart.
var (
	TakeOrder = takeOrder
	GiveOrder = giveOrder
)

// LookBack is a start of a program, as far as it finds what earlier runs have left.
func LookBack(c Config) (*reporter.Reporter, error) {
	r, err := reporter.New(c.Reporter)
	if err != nil {
		return nil, err
	}
	next := newRun(c, r)
	next.lookBack(nil)
	next.catchUp()
	return r, nil
}
