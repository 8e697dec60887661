package folder

import (
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Why a path can never lead to a directory in which files are kept.
var (
	ErrNoDirectory = errors.New("not a directory")
	ErrLoop        = errors.New("its symbolic links lead in a circle")
	ErrTooLong     = errors.New("the path, or a name in it, is too long")
	ErrBadName     = errors.New("a name in it has a character that no file may have")
	ErrKernel      = errors.New("it is a place of the kernel, which keeps no files")
)

const (
	// maxName is the longest name in characters that any of the usual file systems takes.
	// Most count bytes, but a volume that is mounted later may be one that counts
	// characters, so what the system says of a name of 200 letters is not asked.
	maxName = 255

	// PATH_MAX of the systems, with the zero byte at the end.
	maxPathLinux   = 4096
	maxPathBSD     = 1024
	maxPathWindows = 32767
)

// Never returns why nothing can ever be kept in the directory path, after err was the
// answer to a try. It is nil for what may pass: somebody mounts a volume, makes a
// directory, or finds room.
func Never(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNoDirectory), errors.Is(err, syscall.ENOTDIR):
		return ErrNoDirectory
	case isLoop(err):
		return ErrLoop
	case len(path) >= maxPath() || hasLongName(path):
		return ErrTooLong
	case isBadName(path, err):
		return ErrBadName
	case errors.Is(err, fs.ErrNotExist) && isOfKernel(path):
		return ErrKernel
	}
	return nil
}

func maxPath() int {
	switch runtime.GOOS {
	case "windows":
		return maxPathWindows
	case "darwin", "ios", "freebsd", "netbsd", "openbsd", "dragonfly":
		return maxPathBSD
	}
	return maxPathLinux
}

func hasLongName(path string) bool {
	for _, name := range strings.Split(filepath.ToSlash(path), "/") {
		if utf8.RuneCountInString(name) > maxName {
			return true
		}
	}
	return false
}
