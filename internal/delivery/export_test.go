package delivery

// PauseOf is pure, and its table is long.
var PauseOf = pauseOf

// ReasonOf is pure, and most errors are out of a test's reach.
var ReasonOf = reasonOf

// WithoutJitter makes pauses as short as they can be.
func WithoutJitter(t Target) Target {
	t.random = func() float64 { return 0 }
	return t
}
