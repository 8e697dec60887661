//go:build !linux

package monitor

// executable returns what to start.
func executable(path string) string { return path }

func rename(string) {}

func enlarge(uintptr) {}

func hasCapabilities() bool { return false }
