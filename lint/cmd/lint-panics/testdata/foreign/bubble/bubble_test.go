package bubble

import (
	"testing"
	"testing/synctest"
)

// TestDies ends the test binary, with the panic's text. So it needs no guard.
func TestDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		go boom()
		synctest.Wait()
	})
}

// TestFunction panics in the goroutine of the bubble's first function.
func TestFunction(t *testing.T) {
	synctest.Test(t, func(*testing.T) { boom() })
}

// TestHides passes, and nobody sees the panic.
func TestHides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		go func() { // want "swallowed"
			defer func() { _ = recover() }()
			boom()
		}()
		synctest.Wait()
	})
}
