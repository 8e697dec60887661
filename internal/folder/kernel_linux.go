package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// procMagic is PROC_SUPER_MAGIC of linux/magic.h.
const procMagic = 0x9fa0

// isOfKernel tells whether path is in a proc file system, which says that there is no
// such file instead of that nobody may make it. What is missing there and has a number
// for a name may come: the directory of a process, or a link of a descriptor to one
// that is elsewhere.
func isOfKernel(path string) bool {
	missing := ""
	for {
		_, err := os.Stat(path)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
			return false
		}
		if _, err := os.Lstat(path); err == nil {
			return false // a link to what is not there yet
		}
		path, missing = filepath.Dir(path), filepath.Base(path)
	}
	var at syscall.Statfs_t
	if strings.Trim(missing, "0123456789") == "" && missing != "" || syscall.Statfs(path, &at) != nil {
		return false
	}
	return int64(at.Type) == procMagic
}
