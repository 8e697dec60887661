package folder

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
)

var errTaken = errors.New("taken for a dead writer's")

// Durability says what has to survive what was written.
type Durability bool

const (
	SurvivesKill     Durability = false // the kernel has it
	SurvivesPowerCut Durability = true  // the disk has it
)

// TempSuffix ends the name of a file that is being written, behind 32
// hexadecimal digits. Without its lock, it is left by a writer that died.
const TempSuffix = ".tmp"

// tempTries bounds the names tried for a temporary file; each fails only if
// somebody takes it for a dead writer's before its lock is set.
const tempTries = 100

// Write makes a file with the header h around data, or none: its name is never
// there in part. It returns the file, claimed.
//
// Each sync has its reason. Without the one of the file, a power cut after the
// rename can leave the name with nothing in it: the name and the data reach the
// disk on their own ways. Without the one of the directory, it can leave the
// data without the name. Only the file's own sync is not enough on ext4 either,
// although there it often is.
func (f *Folder) Write(name string, h Header, data []byte, survives Durability) (*os.File, error) {
	w := writer{Folder: f, survives: survives}
	file, temp, err := w.createTemp()
	if err != nil {
		return nil, err
	}
	if err := w.fill(file, h, data); err != nil {
		_ = remove(f.root, temp)
		LetGo(file)
		return nil, err
	}
	if err := w.publish(file, temp, name); err != nil {
		LetGo(file)
		return nil, err
	}
	return file, nil
}

// Create makes an empty file that was not there and claims it.
func (f *Folder) Create(name string) (*os.File, error) {
	file, err := f.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return nil, err
	}
	err = f.hold(file, name)
	switch {
	case err == nil:
		return file, nil
	case errors.Is(err, ErrBusy), errors.Is(err, fs.ErrNotExist):
		// Between the two, somebody has taken it for a dead writer's.
		return nil, errTaken
	}
	_ = remove(f.root, name)
	return nil, err
}

// Touch makes an empty file if there is none, and claims nothing.
func (f *Folder) Touch(name string) error {
	file, err := f.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, filePerm)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		file.Close()
	}
	return err
}

// Sync makes the names in the directory survive a power cut.
func (f *Folder) Sync() error { return syncName(f.root, nil) }

// SyncDirectory does the same for a directory that is not open.
func SyncDirectory(path string) error { return syncDirectory(path) }

// RandomID returns 32 random hexadecimal digits.
func RandomID() string {
	var id [16]byte
	rand.Read(id[:]) // never fails, since Go 1.24
	return hex.EncodeToString(id[:])
}

// A writer is the way of one file to its name.
type writer struct {
	*Folder
	survives Durability
}

// createTemp makes an empty file under a temporary name and claims it.
func (w *writer) createTemp() (*os.File, string, error) {
	for range tempTries {
		temp := RandomID() + TempSuffix
		if file, err := w.Create(temp); !errors.Is(err, errTaken) {
			return file, temp, err
		}
	}
	return nil, "", errTaken
}

// fill writes the header and the data on their own, because a dying process may
// not have the memory for a copy.
func (w *writer) fill(file *os.File, h Header, data []byte) error {
	if _, err := file.WriteString(h.Line(data)); err != nil {
		return err
	}
	if _, err := file.Write(data); err != nil {
		return err
	}
	if w.survives == SurvivesPowerCut {
		return file.Sync()
	}
	return nil
}

// publish gives the written file its name. Once it has it, only that name may
// be removed: the temporary one would be somebody else's.
func (w *writer) publish(file *os.File, temp, name string) error {
	if err := rename(w.root, temp, name); err != nil {
		_ = remove(w.root, temp)
		return err
	}
	if w.survives != SurvivesPowerCut {
		return nil
	}
	if err := syncName(w.root, file); err != nil {
		_ = remove(w.root, name)
		return err
	}
	return nil
}
