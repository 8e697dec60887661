package folder

import "os"

// syncName makes the name of f survive a power cut. Windows can not flush a
// directory that is open to be read; a flush of the file takes what NTFS has
// logged about it along, its new name too.
func syncName(_ *os.Root, f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Sync()
}

// syncDirectory has nothing to do: NTFS logs a new directory before what is in
// it.
func syncDirectory(string) error { return nil }
