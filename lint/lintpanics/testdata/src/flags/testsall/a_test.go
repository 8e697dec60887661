package testsall

import "testing"

func risky() { panic("x") }

func TestBad(t *testing.T) {
	t.Run("a", func(t *testing.T) { risky() })
	go risky()          // want `goroutine risky has no guard`
	go func(f func()) { // want `goroutine has no guard`
		f()
	}(risky)
}
