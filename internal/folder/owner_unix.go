//go:build unix

package folder

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedBy reports whether a file is this user's, or that of the directory's
// owner, who could do anything here anyway. The second is no courtesy: on
// shared and network file systems everything belongs to one user, who need not
// be this one.
func ownedBy(file, dir fs.FileInfo) bool {
	f, ok1 := file.Sys().(*syscall.Stat_t)
	d, ok2 := dir.Sys().(*syscall.Stat_t)
	return ok1 && ok2 && (int(f.Uid) == os.Geteuid() || f.Uid == d.Uid)
}
