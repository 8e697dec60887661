//go:build !linux

package monitor

// TakePlace is there for Linux, where a program has many monitors at once if it is
// started again whenever it has died. Here, every process gets a place.
func TakePlace(string, int) bool { return true }
