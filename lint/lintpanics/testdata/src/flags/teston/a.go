package teston

import "testing"

func Helper(t *testing.T, f func(*testing.T)) {
	t.Run("x", f) // a panic ends the process, and the test is named
}
