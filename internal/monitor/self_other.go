//go:build !linux

package monitor

// executable returns the name by which to start this executable again.
func executable(path string) string { return path }

func rename(string) {}

func enlarge(uintptr) {}

func hasCapabilities() bool { return false }

// birth is not known here.
func birth(int) string { return "" }
