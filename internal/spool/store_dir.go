package spool

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

const (
	// maxListed bounds the memory for a directory that somebody filled with
	// names like ours. More than the bounds let stay, which is about 700.
	maxListed = 1000
	// listBatch is how many names are read at once.
	listBatch = 256
	// maxFile bounds a file that is read whole.
	maxFile = MaxSize + maxFrameHeader
	// anySize is the bound of files that are not read whole.
	anySize = 1<<63 - 1
	// tempTries bounds the names tried for a temporary file; each fails only if
	// a Sweep takes it before its lock is set.
	tempTries = 100
)

var (
	errBusy    = errors.New("held by another process")
	errForeign = errors.New("no regular file of a permitted size")
	errOwner   = errors.New("belongs to another user")
)

// A directory is the spool's directory, open. Everything goes through os.Root:
// a link can not lead out of it, and a directory that is replaced while it is
// in use does not redirect what is under way.
type directory struct {
	root *os.Root
	info fs.FileInfo
}

func openDirectory(path string) (*directory, error) {
	// os.OpenRoot would wait for the writer of a FIFO.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, errors.New("not a directory")
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	if info, err = root.Stat("."); err != nil {
		root.Close()
		return nil, err
	}
	return &directory{root: root, info: info}, nil
}

func (d *directory) close() { d.root.Close() }

// stillAt reports whether path is this directory, and not one that took its
// place.
func (d *directory) stillAt(path string) bool {
	info, err := os.Stat(path)
	return err == nil && os.SameFile(info, d.info)
}

// A listing is what is in a directory, by kind, the oldest first.
type listing struct {
	reports, runs         []name
	crashes, temps, aside []string
	all                   []string // every name of ours, those of later versions too
}

// list reads the names, and opens nothing: they say all that has to be known of
// a file before it is taken.
func (d *directory) list() (listing, error) {
	var l listing
	f, err := d.root.Open(".")
	if err != nil {
		return l, err
	}
	defer f.Close()
	for !l.cut() {
		names, err := f.Readdirnames(listBatch)
		for _, s := range names {
			l.add(s)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return l, err
		}
	}
	byAge := func(a, b name) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) }
	slices.SortFunc(l.reports, byAge)
	slices.SortFunc(l.runs, byAge)
	slices.Sort(l.aside)
	return l, nil
}

// cut reports whether there may be more in the directory.
func (l *listing) cut() bool { return len(l.all) >= maxListed }

func (l *listing) add(s string) {
	kind := kindOf(s)
	if kind == "" {
		return
	}
	l.all = append(l.all, s)
	switch n, ok := parseName(s); {
	case kind == kindCrash:
		l.crashes = append(l.crashes, s)
	case kind == kindTemp:
		l.temps = append(l.temps, s)
	case kind == kindBad:
		l.aside = append(l.aside, s)
	case ok && kind == kindReport:
		l.reports = append(l.reports, n)
	case ok && kind == kindRun:
		l.runs = append(l.runs, n)
	}
}

// openFile opens a regular file of at most limit bytes. It looks before it
// opens, because opening some devices does something, and again after, because
// the name may have come to mean another file.
func (d *directory) openFile(s string, flag int, limit int64) (*os.File, error) {
	before, err := d.root.Lstat(s)
	if err != nil {
		return nil, err
	}
	if err := d.check(before, limit); err != nil {
		return nil, err
	}
	f, err := d.root.OpenFile(s, flag|openFlags, 0)
	if err != nil {
		return nil, err
	}
	after, err := f.Stat()
	if err == nil && !os.SameFile(before, after) {
		err = fs.ErrNotExist
	}
	if err == nil {
		err = d.check(after, limit)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// check does not ask for the number of links: a backup may have made a second
// one, and a file that is planted that way is neither written to nor believed
// without its checksum.
func (d *directory) check(info fs.FileInfo, limit int64) error {
	switch {
	case !info.Mode().IsRegular() || info.Size() > limit:
		return errForeign
	case !ownedBy(info, d.info):
		return errOwner
	}
	return nil
}

// claim opens a file and takes its lock: until f is closed or this process
// dies, nobody else gets it. The file is opened for writing only because some
// network file systems lock nothing else.
func (d *directory) claim(s string, limit int64) (*os.File, error) {
	f, err := d.openFile(s, os.O_RDWR, limit)
	if err != nil {
		return nil, err
	}
	if err := d.hold(f, s); err != nil {
		return nil, err
	}
	return f, nil
}

// hold locks f, or closes it. The name is looked up again under the lock: the
// former holder may have removed or renamed the file after it was opened here.
func (d *directory) hold(f *os.File, s string) error {
	ok, err := tryLock(f)
	switch {
	case err == nil && !ok:
		err = errBusy
	case err == nil && !d.same(f, s):
		err = fs.ErrNotExist
	}
	if err != nil {
		letGo(f)
	}
	return err
}

// same reports whether s is the name of the open file f.
func (d *directory) same(f *os.File, s string) bool {
	opened, err1 := f.Stat()
	named, err2 := d.root.Lstat(s)
	return err1 == nil && err2 == nil && os.SameFile(opened, named)
}

// letGo gives a claimed file back. Closing alone would leave it locked by a
// child that is forked at this moment.
func letGo(f *os.File) {
	unlock(f)
	f.Close()
}

// take claims the report or run n and returns its data. What is none of ours it
// sets aside; the error says why there is nothing to take, and ordinary which
// of them are worth no word.
func (d *directory) take(n name) (*os.File, []byte, error) {
	f, err := d.claim(n.String(), maxFile)
	if errors.Is(err, errForeign) {
		d.setAside(n.String())
	}
	if err != nil {
		return nil, nil, err
	}
	data, err := readFrame(f, n.kind, n.id)
	if errors.Is(err, errDamaged) {
		d.setAside(n.String())
	}
	if err != nil {
		letGo(f)
		return nil, nil, err
	}
	return f, data, nil
}

// ordinary reports whether err is what happens in a directory that others use
// too: somebody holds or has removed the file, a later version wrote it, or it
// was none of ours.
func ordinary(err error) bool {
	for _, known := range []error{errBusy, fs.ErrNotExist, errFuture, errForeign, errDamaged, errOwner} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// setAside renames, which acts on a link itself and waits for nothing. Where
// that fails, the file stays as it is, and is passed over again next time.
func (d *directory) setAside(s string) {
	_ = d.root.Rename(s, asideName(time.Now()))
}

// remove removes the claimed file f under its name s. That somebody has removed
// it already is no error.
func (d *directory) remove(f *os.File, s string) error {
	if !d.same(f, s) {
		return nil
	}
	if err := d.root.Remove(s); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// rename renames the claimed file f from s to t.
func (d *directory) rename(f *os.File, s, t string) error {
	if !d.same(f, s) {
		return fs.ErrNotExist
	}
	return d.root.Rename(s, t)
}
