//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package folder

import (
	"errors"
	"os"
)

// tryLock: without locks that end with their process, no two processes could
// share a directory.
func tryLock(*os.File) (bool, error) {
	return false, errors.ErrUnsupported
}

func unlock(*os.File) {}
