package folder

import (
	"errors"
	"path/filepath"
	"strings"
	"syscall"
)

// https://learn.microsoft.com/windows/win32/debug/system-error-codes
const (
	errorInvalidName     syscall.Errno = 123
	errorUnresolvedLinks syscall.Errno = 1921 // ERROR_CANT_RESOLVE_FILENAME
)

func isLoop(err error) bool { return errors.Is(err, errorUnresolvedLinks) }

// isBadName asks the path too: the error can be about a volume.
func isBadName(path string, err error) bool {
	rest := strings.TrimPrefix(path, `\\?\`)
	rest = rest[len(filepath.VolumeName(rest)):]
	return errors.Is(err, errorInvalidName) && strings.ContainsAny(rest, `<>"|?*:`)
}
