package spool

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"
)

const (
	// lockWait bounds the wait for the lock. Nobody holds it for as much as a
	// millisecond but on a disk that hangs, or while the process is stopped;
	// and a dying process may wait five seconds in all.
	lockWait = time.Second
	lockPoll = time.Millisecond

	// maxState bounds the state: maxKeys windows of about 120 bytes, and the
	// losses.
	maxState = 64 << 10
	// maxLock: the lock file has nothing in it.
	maxLock = 4 << 10
)

// state is what belongs to the directory and not to one report. It is replaced
// as a whole under the lock, and not synced: a power cut may lose what changed
// last, a kill may not, and the crash that it counts should not wait for a
// second write.
type state struct {
	Lost   map[Reason]int    `json:"lost,omitempty"`
	Limits map[string]window `json:"limits,omitempty"`
	Paused int64             `json:"paused,omitempty"` // milliseconds since 1970, see Store.Pause
}

// lock waits for the lock of the directory. It is no lock for reports: these
// are claimed one by one, so that a process that is stopped at a bad moment
// keeps nobody else from storing and sending.
func (d *directory) lock() (*os.File, error) {
	deadline := time.Now().Add(lockWait)
	for {
		f, err := d.claim(lockName, maxLock)
		if err == nil {
			return f, nil
		}
		if err := d.unblockLock(err); err != nil {
			return nil, err
		}
		if time.Now().After(deadline) {
			return nil, err
		}
	}
}

// unblockLock does what lets the next try to claim the lock succeed.
func (d *directory) unblockLock(err error) error {
	switch {
	case errors.Is(err, errBusy):
		time.Sleep(lockPoll)
		return nil
	case errors.Is(err, errForeign), errors.Is(err, errOwner):
		return d.root.Rename(lockName, asideName(time.Now()))
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := d.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE|os.O_EXCL, filePerm)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		f.Close()
	}
	return err
}

// update changes the state under the lock.
func (s *Store) update(d *directory, change func(*state)) error {
	lock, err := d.lock()
	if err != nil {
		return err
	}
	defer letGo(lock)
	return d.updateLocked(change)
}

func (d *directory) updateLocked(change func(*state)) error {
	st, err := d.loadState()
	if err != nil {
		return err
	}
	change(&st)
	return d.saveState(st)
}

// loadState reads the state. None, or one that is damaged or somebody else's,
// is an empty one: only a later version's stays.
func (d *directory) loadState() (state, error) {
	var st state
	f, err := d.openFile(stateName, os.O_RDONLY, maxState)
	if err == nil {
		defer f.Close()
		var data []byte
		if data, err = readFrame(f, "state", "-"); err == nil {
			err = parseState(data, &st)
		}
	}
	if errors.Is(err, errForeign) || errors.Is(err, errDamaged) {
		d.setAside(stateName)
	}
	if err != nil && (errors.Is(err, errFuture) || !ordinary(err)) {
		return state{}, err
	}
	st.init()
	return st, nil
}

func parseState(data []byte, st *state) error {
	if json.Unmarshal(data, st) != nil {
		*st = state{}
		return errDamaged
	}
	return nil
}

func (st *state) init() {
	if st.Lost == nil {
		st.Lost = map[Reason]int{}
	}
	if st.Limits == nil {
		st.Limits = map[string]window{}
	}
}

func (d *directory) saveState(st state) error {
	data, err := json.Marshal(st)
	if err != nil {
		return err
	}
	f, err := d.write(stateName, "state", "-", data, survivesKill)
	if err != nil {
		return err
	}
	letGo(f)
	return nil
}
