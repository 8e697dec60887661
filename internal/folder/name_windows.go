package folder

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// remove removes a file. os.Root does so by FileDispositionInformationEx and with
// FileDispositionInformation where that is not there, and knows the answers of
// Windows to the first. Others, such as wine 8, say that it is no function; there,
// the file is removed by its path.
func remove(root *os.Root, name string) error {
	err := root.Remove(name)
	if isMissing(err) {
		return os.Remove(filepath.Join(root.Name(), name))
	}
	return err
}

// rename is for FileRenameInformationEx what remove is for the removal.
func rename(root *os.Root, from, to string) error {
	err := root.Rename(from, to)
	if isMissing(err) {
		return os.Rename(filepath.Join(root.Name(), from), filepath.Join(root.Name(), to))
	}
	return err
}

func isMissing(err error) bool {
	return errors.Is(err, windows.ERROR_INVALID_FUNCTION) || errors.Is(err, windows.ERROR_NOT_SUPPORTED) ||
		errors.Is(err, windows.ERROR_CALL_NOT_IMPLEMENTED)
}

// isSame is for what os.SameFile does not know: wine 8 says that the volume of an
// open file that was renamed is 0.
func isSame(root *os.Root, file *os.File, name string) bool {
	other, err := root.Open(name)
	if err != nil {
		return false
	}
	defer other.Close()
	var a, b windows.ByHandleFileInformation
	return windows.GetFileInformationByHandle(windows.Handle(file.Fd()), &a) == nil &&
		windows.GetFileInformationByHandle(windows.Handle(other.Fd()), &b) == nil &&
		a.VolumeSerialNumber == 0 && a.FileIndexHigh == b.FileIndexHigh && a.FileIndexLow == b.FileIndexLow
}
