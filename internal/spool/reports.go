package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/panicreport/sentry/internal/folder"
)

const (
	// putTries bounds how often Put makes a directory that somebody keeps
	// removing.
	putTries = 3

	// maxVictims bounds the files that are open at once while reports and runs
	// are dropped.
	maxVictims = 16
)

var (
	// ErrExists says that a report with this id is stored already. It will be
	// sent; nothing has to be done.
	ErrExists  = errors.New("stored already")
	errRemoved = errors.New("removed while it was written")
)

// Reports are the stored reports of one kind, with a bound of their own.
type Reports struct {
	*place
	kind     string
	most     int               // reports that are kept
	survives folder.Durability // by each
	overflow Reason            // for which those beyond the bounds are lost
}

// Put stores a report of at most MaxSize bytes under an event id of 32
// lower-case hexadecimal digits, and claims it for this process: nobody else
// gets it until it is given back, or this process dies. When Put returns nil,
// the report survives a kill and, but for Counts, a power cut; when it returns an error, nothing
// is left of it, and the same call may succeed once the fault is gone. It makes
// the directory where it is missing. With the report stored, it drops the
// oldest beyond the bounds; it never makes room before, because then a full
// disk could cost an old report without keeping the new one.
func (s *Reports) Put(id string, data []byte) (*Report, error) {
	r, err := s.putRetrying(id, data)
	if err != nil {
		return nil, wrap("write report to spool", err)
	}
	return r, nil
}

func (s *Reports) putRetrying(id string, data []byte) (r *Report, err error) {
	switch {
	case !validID(id):
		return nil, errors.New("no event id")
	case len(data) > MaxSize:
		return nil, fmt.Errorf("%d bytes, more than %d", len(data), MaxSize)
	}
	for range putTries {
		if r, err = s.put(id, data); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return r, err
}

func (s *Reports) put(id string, data []byte) (*Report, error) {
	d, err := s.openOrCreate()
	if err != nil {
		return nil, err
	}
	defer d.Close()
	l, err := d.list()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(l.reports[s.kind], func(n name) bool { return n.id == id }) {
		return nil, ErrExists
	}
	n := name{at: millis(s.now()), id: id, kind: s.kind}
	f, err := d.Write(n.String(), folder.Header{Kind: s.kind, ID: id}, data, s.survives)
	if errors.Is(err, fs.ErrNotExist) && !s.hasLost(d) {
		// The directory is there and the file is not: Clear took it. To write
		// it again would undo a withdrawn consent.
		return nil, errRemoved
	}
	if err != nil {
		return nil, err
	}
	if s.survives == folder.SurvivesPowerCut {
		err = s.syncParents()
	}
	if err != nil {
		_ = d.Remove(f, n.String())
		folder.LetGo(f)
		return nil, err
	}
	if len(l.reports[s.kind]) >= s.most {
		// The report is safe. Bounds that could not be kept now are kept by the
		// next call.
		_ = s.drop(d)
	}
	return &Report{place: s.place, name: n, file: f, data: data}, nil
}

// Most is how many reports are kept.
func (s *Reports) Most() int { return s.most }

// Take claims the oldest report that is due and that nobody holds, and returns
// nil if there is none. It makes no directory. An error says what kept it from
// one; other reports are tried first.
func (s *Reports) Take() (*Report, error) {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap("take report from spool", err)
	}
	defer d.Close()
	l, err := s.listWithin(d)
	if err != nil {
		return nil, wrap("take report from spool", err)
	}
	for _, n := range l.reports[s.kind] {
		if s.waitOf(n) > 0 {
			continue
		}
		f, data, takeErr := d.take(n)
		if takeErr == nil {
			return &Report{place: s.place, name: n, file: f, data: data}, nil
		}
		if !folder.Ordinary(takeErr) {
			err = takeErr
		}
	}
	return nil, wrap("take report from spool", err)
}

// Claim claims the report with this id, due or not. It returns nil if the
// report is not there, or somebody else holds it.
func (s *Reports) Claim(id string) (r *Report, err error) {
	err = s.find(id, func(d *directory, n name) error {
		f, data, err := d.take(n)
		if err == nil {
			r = &Report{place: s.place, name: n, file: f, data: data}
		}
		return err
	})
	return r, wrap("claim report in spool", folder.Extraordinary(err))
}

// Read returns the bytes of a stored report, to be looked at: it is claimed by
// nobody, and may be on its way.
func (s *Reports) Read(id string) (data []byte, err error) {
	err = s.find(id, func(d *directory, n name) error {
		data, err = d.Read(n.String(), folder.Header{Kind: s.kind, ID: id}, MaxSize)
		return err
	})
	return data, wrap("read report from spool", err)
}

// find calls found with the name of the report with this id.
func (s *Reports) find(id string, found func(*directory, name) error) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	defer d.Close()
	l, err := d.list()
	if err != nil {
		return err
	}
	for _, n := range l.reports[s.kind] {
		if n.id == id {
			return found(d, n)
		}
	}
	return fs.ErrNotExist
}

// Info is what is known of a stored report without reading it.
type Info struct {
	ID       string
	Created  time.Time
	Attempts int
	Wait     time.Duration // until it is due; 0 if it is
}

// List returns what is stored, the oldest first, whoever holds it. It makes no
// directory, and none is an empty list.
func (s *Reports) List() ([]Info, error) {
	return soon(s.place, "list spool", s.list, func([]Info) {})
}

func (s *Reports) list() ([]Info, error) {
	d, err := s.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	l, err := d.list()
	if err != nil {
		return nil, err
	}
	infos := make([]Info, 0, len(l.reports[s.kind]))
	for _, n := range l.reports[s.kind] {
		infos = append(infos, Info{ID: n.id, Created: n.time(), Attempts: n.n, Wait: s.waitOf(n)})
	}
	return infos, nil
}

// waitOf returns how long the report has to wait for its next attempt. One that
// has to wait longer than anybody may have told it was told by a clock that has
// been set back since: it is due.
func (s *Reports) waitOf(n name) time.Duration {
	wait := time.UnixMilli(n.ms).Sub(s.now())
	if wait > MaxWait {
		return 0
	}
	return max(wait, 0)
}

// listWithin lists the directory, after it has dropped what is beyond the
// bounds.
func (s *Reports) listWithin(d *directory) (listing, error) {
	l, err := d.list()
	if err != nil || !s.isBeyond(l.reports[s.kind]) {
		return l, err
	}
	// Not to be able to drop is no reason not to send.
	_ = s.drop(d)
	return d.list()
}

// isBeyond tells whether something has to be dropped.
func (s *Reports) isBeyond(reports []name) bool {
	return len(reports) > s.most || slices.ContainsFunc(reports, s.isExpired)
}

// drop drops the oldest reports beyond the bounds, under the lock: two
// processes that each dropped the one too many would drop two. A report that
// somebody is sending is passed over.
func (s *Reports) drop(d *directory) error {
	lock, err := d.lock()
	if err != nil {
		return err
	}
	defer folder.LetGo(lock)
	for {
		l, err := d.list()
		if err != nil {
			return err
		}
		victims := s.victims(d, l.reports[s.kind])
		if len(victims) == 0 {
			return nil
		}
		if err := lose(d, victims); err != nil {
			return err
		}
	}
}

// victims claims what has to go. What turns out to be no report of ours counts
// neither as one that is kept nor as a loss.
func (s *Reports) victims(d *directory, reports []name) []loss {
	var losses []loss
	left := len(reports)
	for _, n := range reports {
		if left <= s.most && !s.isExpired(n) || len(losses) == maxVictims {
			continue
		}
		f, _, err := d.take(n)
		if err == nil {
			losses = append(losses, loss{file: f, name: n, why: s.overflow})
		}
		if !errors.Is(err, folder.ErrBusy) {
			left--
		}
	}
	return losses
}

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
func lose(d *directory, losses []loss) error {
	if len(losses) == 0 {
		return nil
	}
	err := changeLocked(d, func(st *state) {
		for _, l := range losses {
			st.lose(l.why, 1)
		}
	})
	for _, l := range losses {
		err = errors.Join(err, d.removeHeld(l.file, l.name))
		folder.LetGo(l.file)
	}
	return err
}
