//go:build !(linux || darwin || freebsd)

package monitor

import "fmt"

// Supervise returns ErrUnsupported on this platform.
func Supervise(func([]byte), func(*Output), func(Ended)) error {
	return fmt.Errorf("supervise: %w: only on Linux, macOS and FreeBSD", ErrUnsupported)
}

// Attach returns ErrUnsupported. Nobody calls it: nothing is supervised here.
func Attach() (*Watch, error) {
	return nil, fmt.Errorf("find supervisor: %w", ErrUnsupported)
}
