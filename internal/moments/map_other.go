//go:build !(linux || darwin || freebsd)

package moments

import (
	"errors"
	"os"
)

// Mapped tells whether files are mapped on this system.
const Mapped = false

// Map returns an error: on this system, no file is mapped.
func Map(*os.File) (mem []byte, unmap func([]byte), err error) {
	return nil, nil, errors.ErrUnsupported
}
