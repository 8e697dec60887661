//go:build !(linux || darwin || freebsd)

package monitor

import "fmt"

// Supervise says that it can not be done here.
func Supervise(func(*Output), func(string)) error {
	return fmt.Errorf("supervise: %w: only on Linux, macOS and FreeBSD", ErrUnsupported)
}

// Attach is not reached: nothing is supervised.
func Attach() (*Watch, error) {
	return nil, fmt.Errorf("find supervisor: %w", ErrUnsupported)
}
