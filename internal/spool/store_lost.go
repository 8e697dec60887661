package spool

import (
	"errors"
	"io/fs"
	"os"
)

// A Reason says why a report was lost, in the words of Sentry's client reports
// (develop.sentry.dev/sdk/telemetry/client-reports).
type Reason string

const (
	CacheOverflow Reason = "cache_overflow" // dropped for the bounds of the spool
	NetworkError  Reason = "network_error"  // tried MaxAttempts times
	SendError     Reason = "send_error"     // refused by the server
	QueueOverflow Reason = "queue_overflow" // of those that wait in memory
)

// maxReasons bounds the state for a caller that makes them up.
const maxReasons = 16

// A loss is a report, or a run that could have become one, that is held in
// order to be dropped.
type loss struct {
	file *os.File
	name name
	why  Reason
}

// lose counts the losses, then removes their files, and lets go of them. It
// needs the lock. The count comes first: a kill between the two then reports a
// loss too many, and not one too few. What can not be counted is dropped all
// the same: a full disk is not to be kept full.
func (d *directory) lose(losses []loss) error {
	if len(losses) == 0 {
		return nil
	}
	err := d.updateLocked(func(st *state) {
		for _, l := range losses {
			st.add(l.why, 1)
		}
	})
	for _, l := range losses {
		err = errors.Join(err, d.removeHeld(l.file, l.name))
		letGo(l.file)
	}
	return err
}

// dropOne drops a report that the caller holds, and goes on holding.
func (s *Store) dropOne(d *directory, f *os.File, n name, why Reason) error {
	err := s.update(d, func(st *state) { st.add(why, 1) })
	return errors.Join(err, d.remove(f, n.String()))
}

func (st *state) add(why Reason, n int) {
	if _, ok := st.Lost[why]; ok || len(st.Lost) < maxReasons {
		st.Lost[why] += n
	}
}

// TakeLost hands out the losses since the last call, by any process, once. It
// returns nil if there are none, and makes no directory.
func (s *Store) TakeLost() (map[Reason]int, error) {
	lost, err := s.takeLost()
	return lost, wrap("take losses from spool", err)
}

func (s *Store) takeLost() (lost map[Reason]int, err error) {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.close()
	// Mostly there are none, and then there is nothing to lock or to write.
	if st, err := d.loadState(); err != nil || len(st.Lost) == 0 {
		return nil, err
	}
	err = s.update(d, func(st *state) {
		lost = st.Lost
		st.Lost = nil
	})
	if err != nil || len(lost) == 0 {
		return nil, err
	}
	return lost, nil
}

// AddLost counts losses: those of TakeLost that could not be told to the
// server, or those that never were in the spool.
func (s *Store) AddLost(lost map[Reason]int) error {
	d, err := s.openOrCreate()
	if err != nil {
		return wrap("count losses in spool", err)
	}
	defer d.close()
	err = s.update(d, func(st *state) {
		for why, n := range lost {
			st.add(why, n)
		}
	})
	return wrap("count losses in spool", err)
}
