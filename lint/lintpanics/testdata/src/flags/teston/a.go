package teston

import "testing"

func Helper(t *testing.T, f func(*testing.T)) {
	t.Run("x", f) // want `callback of t.Run runs a parameter`
}
