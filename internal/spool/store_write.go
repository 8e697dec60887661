package spool

import (
	"errors"
	"io/fs"
	"os"
)

var errTaken = errors.New("taken for a dead writer's")

// durability says what has to survive what was written.
type durability bool

const (
	survivesKill     durability = false // the kernel has it
	survivesPowerCut durability = true  // the disk has it
)

// write makes a file s with a frame around data, or none: s is never there in
// part. It returns the file, claimed.
//
// Each sync has its reason. Without the one of the file, a power cut after the
// rename can leave the name with nothing in it: the name and the data reach the
// disk on their own ways. Without the one of the directory, it can leave the
// data without the name. Only the file's own sync is not enough on ext4 either,
// although there it often is.
func (d *directory) write(s, kind, id string, data []byte, survives durability) (*os.File, error) {
	f, temp, err := d.createTemp()
	if err != nil {
		return nil, err
	}
	if err := d.fill(f, kind, id, data, survives); err != nil {
		_ = d.root.Remove(temp)
		letGo(f)
		return nil, err
	}
	if err := d.publish(f, temp, s, survives); err != nil {
		letGo(f)
		return nil, err
	}
	return f, nil
}

// createTemp makes an empty file under a temporary name and claims it: a
// temporary file without a lock is one whose writer died, and Sweep removes it.
func (d *directory) createTemp() (*os.File, string, error) {
	for range tempTries {
		s := randomID() + "." + kindTemp
		if f, err := d.createClaimed(s); !errors.Is(err, errTaken) {
			return f, s, err
		}
	}
	return nil, "", errTaken
}

// createClaimed makes a file that was not there and claims it. Between the two,
// a Sweep may have taken it for a dead writer's: then it returns errTaken.
func (d *directory) createClaimed(s string) (*os.File, error) {
	f, err := d.root.OpenFile(s, os.O_RDWR|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return nil, err
	}
	err = d.hold(f, s)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, errBusy), errors.Is(err, fs.ErrNotExist):
		return nil, errTaken
	}
	_ = d.root.Remove(s)
	return nil, err
}

// fill writes the frame: the header and the data on their own, because a dying
// process may not have the memory for a copy.
func (d *directory) fill(f *os.File, kind, id string, data []byte, survives durability) error {
	if _, err := f.WriteString(frameHeader(kind, id, data)); err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if survives == survivesPowerCut {
		return f.Sync()
	}
	return nil
}

// publish gives the written file its name. Once it has it, only that name may
// be removed: the temporary one would be somebody else's.
func (d *directory) publish(f *os.File, temp, s string, survives durability) error {
	if err := d.root.Rename(temp, s); err != nil {
		_ = d.root.Remove(temp)
		return err
	}
	if survives != survivesPowerCut {
		return nil
	}
	if err := syncName(d.root, f); err != nil {
		_ = d.root.Remove(s)
		return err
	}
	return nil
}
