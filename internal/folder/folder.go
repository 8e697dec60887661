// Package folder is a directory that several processes, and several versions of
// a program, use at the same time. Each file in it has a name, a header that
// tells a whole file from a damaged one, and at most one process that holds it:
// a kernel lock that ends with its process, whatever happens to pids and clocks.
//
// A file is written under a temporary name and renamed, so that a name is never
// there with half of its content. A file that has its final name is never opened
// to be written again. Everything goes through [os.Root]: a link can not lead out
// of the directory, and a directory that is replaced while it is in use does not
// redirect what is under way.
//
// It does not know what the files are about: that is in their names and
// contents, which are those of package spool.
//
//	f, err := folder.Open(dir)
//	defer f.Close()
//	held, err := f.Write("a.report", folder.Header{Kind: "report", ID: id}, data, folder.SurvivesPowerCut)
//	defer folder.LetGo(held)
package folder

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// AnySize is the bound of files that are not read whole.
const AnySize = 1<<63 - 1

// filePerm: a report may tell of the person who ran the program, and is nobody
// else's business.
const filePerm = 0o600

// Why a file can not be had. All of these happen in a directory that others use
// too, see [Ordinary].
var (
	ErrBusy    = errors.New("held by another process")
	ErrForeign = errors.New("no regular file of a permitted size")
	ErrOwner   = errors.New("belongs to another user")
	ErrDamaged = errors.New("not a whole file of this spool")
	ErrFuture  = errors.New("written by a later version")
)

// Ordinary tells whether err is what happens in a directory that others use too:
// somebody holds or has removed the file, a later version wrote it, or it was
// none of ours.
func Ordinary(err error) bool {
	for _, known := range []error{ErrBusy, fs.ErrNotExist, ErrFuture, ErrForeign, ErrDamaged, ErrOwner} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// Extraordinary returns err unless it is [Ordinary].
func Extraordinary(err error) error {
	if Ordinary(err) {
		return nil
	}
	return err
}

// Bare strips the paths that package os puts into its errors: they name the
// person's home directory, and errors end in logs.
func Bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// A Folder is the directory, open. Its methods may be called from several
// goroutines.
type Folder struct {
	root *os.Root
	info fs.FileInfo
}

// Open opens the directory path.
func Open(path string) (*Folder, error) {
	// os.OpenRoot would wait for the writer of a FIFO.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, ErrNoDirectory
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	if info, err = root.Stat("."); err != nil {
		root.Close()
		return nil, err
	}
	return &Folder{root: root, info: info}, nil
}

// Close closes the directory, and none of the files that were opened in it.
func (f *Folder) Close() { f.root.Close() }

// Again opens the same directory once more, whatever its path means by now.
func (f *Folder) Again() (*Folder, error) {
	root, err := f.root.OpenRoot(".")
	if err != nil {
		return nil, err
	}
	return &Folder{root: root, info: f.info}, nil
}

// HasLeft tells whether path is not this directory any more. Where nobody may look,
// it has not.
func (f *Folder) HasLeft(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return !os.SameFile(info, f.info)
}

// listBatch is how many names are read at once.
const listBatch = 256

// Names calls each with the names in the directory, in no order, until it
// returns false.
func (f *Folder) Names(each func(name string) (more bool)) error {
	dir, err := f.root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	for {
		names, err := dir.Readdirnames(listBatch)
		for _, name := range names {
			if !each(name) {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Has tells whether there is something with this name, whatever it is.
func (f *Folder) Has(name string) bool {
	_, err := f.root.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// Stat returns what is known of a regular file of ours.
func (f *Folder) Stat(name string) (fs.FileInfo, error) {
	info, err := f.root.Lstat(name)
	if err == nil {
		err = f.check(info, AnySize)
	}
	return info, err
}

// OpenFile opens a regular file of at most limit bytes to be read.
func (f *Folder) OpenFile(name string, limit int64) (*os.File, error) {
	return f.open(name, os.O_RDONLY, limit)
}

// open looks before it opens, because opening some devices does something, and
// again after, because the name may have come to mean another file.
func (f *Folder) open(name string, flag int, limit int64) (*os.File, error) {
	before, err := f.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if err := f.check(before, limit); err != nil {
		return nil, err
	}
	file, err := f.root.OpenFile(name, flag|openFlags, 0)
	if err != nil {
		return nil, err
	}
	after, err := file.Stat()
	if err == nil && !os.SameFile(before, after) {
		err = fs.ErrNotExist
	}
	if err == nil {
		err = f.check(after, limit)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// check does not ask for the number of links: a backup may have made a second
// one, and a file that is planted that way is neither written to nor believed
// without its checksum.
func (f *Folder) check(info fs.FileInfo, limit int64) error {
	switch {
	case !info.Mode().IsRegular() || info.Size() > limit:
		return ErrForeign
	case !ownedBy(info, f.info):
		return ErrOwner
	}
	return nil
}

// Claim opens a file of at most limit bytes and takes its lock: until the file
// is closed or this process dies, nobody else gets it. The file is opened for
// writing only because some network file systems lock nothing else.
func (f *Folder) Claim(name string, limit int64) (*os.File, error) {
	file, err := f.open(name, os.O_RDWR, limit)
	if err != nil {
		return nil, err
	}
	if err := f.hold(file, name); err != nil {
		return nil, err
	}
	return file, nil
}

// hold locks file, or closes it. The name is looked up again under the lock: the
// former holder may have removed or renamed the file after it was opened here.
func (f *Folder) hold(file *os.File, name string) error {
	ok, err := tryLock(file)
	switch {
	case err == nil && !ok:
		err = ErrBusy
	case err == nil && !f.Is(file, name):
		err = fs.ErrNotExist
	}
	if err != nil {
		LetGo(file)
	}
	return err
}

// Is tells whether name is that of the open file.
func (f *Folder) Is(file *os.File, name string) bool {
	opened, err1 := file.Stat()
	named, err2 := f.root.Lstat(name)
	return err1 == nil && err2 == nil && (os.SameFile(opened, named) || isSame(f.root, file, name))
}

// HasLost tells whether name is not that of the open file any more. Where nobody may
// look, as after a change of the user, it is.
func (f *Folder) HasLost(file *os.File, name string) bool {
	_, err := f.root.Lstat(name)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return !f.Is(file, name)
}

// LetGo gives a claimed file back. Closing alone would leave it locked by a
// child that is forked at this moment.
func LetGo(file *os.File) {
	unlock(file)
	file.Close()
}

// Take claims a file of at most limit bytes with the header h and returns its
// data. What has the name and is none of ours it calls aside with; the error says
// why there is nothing to take.
func (f *Folder) Take(name string, h Header, limit int64, aside func(name string)) (*os.File, []byte, error) {
	file, err := f.Claim(name, limit+maxHeader)
	if errors.Is(err, ErrForeign) {
		aside(name)
	}
	if err != nil {
		return nil, nil, err
	}
	data, err := h.read(file)
	if errors.Is(err, ErrDamaged) {
		aside(name)
	}
	if err != nil {
		LetGo(file)
		return nil, nil, err
	}
	return file, data, nil
}

// Read returns the data of a file of at most limit bytes with the header h. It
// claims nothing.
func (f *Folder) Read(name string, h Header, limit int64) ([]byte, error) {
	file, err := f.OpenFile(name, limit+maxHeader)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return h.read(file)
}

// Remove removes the claimed file under its name. That somebody has removed it
// already is no error.
func (f *Folder) Remove(file *os.File, name string) error {
	if !f.Is(file, name) {
		return nil
	}
	return f.Unlink(name)
}

// Unlink removes a name, whatever it is: removing follows nothing. That there is
// none is no error.
func (f *Folder) Unlink(name string) error {
	if err := remove(f.root, name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Destroy removes the claimed file under its name. Where the directory can not be
// changed, but the file can, it leaves an empty file: nobody finds the content
// again.
func (f *Folder) Destroy(file *os.File, name string) error {
	err := f.Remove(file, name)
	if err != nil && file.Truncate(0) == nil {
		return nil
	}
	return err
}

// Discard is Destroy for a file that nobody has claimed.
func (f *Folder) Discard(name string) error {
	err := f.Unlink(name)
	if err == nil {
		return nil
	}
	file, openErr := f.open(name, os.O_WRONLY, AnySize)
	if openErr != nil {
		return err
	}
	defer file.Close()
	if file.Truncate(0) == nil {
		return nil
	}
	return err
}

// Rename renames the claimed file.
func (f *Folder) Rename(file *os.File, from, to string) error {
	if !f.Is(file, from) {
		return fs.ErrNotExist
	}
	return rename(f.root, from, to)
}

// Move renames what nobody has claimed. It acts on a link itself and waits for
// nothing.
func (f *Folder) Move(from, to string) error { return rename(f.root, from, to) }
