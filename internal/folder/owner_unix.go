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

// IsOwn tells whether the directory belongs to this user or to root, who could do
// anything here anyway. Where every file belongs to the one user of a mounted file
// system, whoever made it, that user is no other one.
func (f *Folder) IsOwn() bool {
	dir, ok := f.info.Sys().(*syscall.Stat_t)
	if !ok || int(dir.Uid) == os.Geteuid() || dir.Uid == 0 {
		return true
	}
	name := RandomID() + TempSuffix
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return false
	}
	defer f.Unlink(name)
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return false
	}
	made, ok := info.Sys().(*syscall.Stat_t)
	return ok && made.Uid == dir.Uid
}
