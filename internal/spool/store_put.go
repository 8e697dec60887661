package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// putTries bounds how often Put makes a directory that somebody keeps removing.
const putTries = 3

var (
	// ErrExists says that a report with this id is stored already. It will be
	// sent; nothing has to be done.
	ErrExists  = errors.New("stored already")
	errRemoved = errors.New("removed while it was written")
)

// Put stores a report of at most MaxSize bytes under an event id of 32
// lower-case hexadecimal digits, and claims it for this process: nobody else
// gets it until it is given back, or this process dies. When Put returns nil,
// the report survives a kill and a power cut; when it returns an error, nothing
// is left of it, and the same call may succeed once the fault is gone. It makes
// the directory where it is missing. With the report stored, it drops the
// oldest beyond the bounds; it never makes room before, because then a full
// disk could cost an old report without keeping the new one.
func (s *Store) Put(id string, data []byte) (*Report, error) {
	r, err := s.putRetrying(id, data)
	if err != nil {
		return nil, fmt.Errorf("write report to spool: %w", bare(err))
	}
	return r, nil
}

func (s *Store) putRetrying(id string, data []byte) (r *Report, err error) {
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

func (s *Store) put(id string, data []byte) (*Report, error) {
	d, err := s.openOrCreate()
	if err != nil {
		return nil, err
	}
	defer d.close()
	l, err := d.list()
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(l.reports, func(n name) bool { return n.id == id }) {
		return nil, ErrExists
	}
	n := name{at: millis(s.now()), id: id, kind: kindReport}
	f, err := d.write(n.String(), kindReport, id, data, survivesPowerCut)
	if errors.Is(err, fs.ErrNotExist) && d.stillAt(s.dir) {
		// The directory is there and the file is not: Clear took it. To write
		// it again would undo a withdrawn consent.
		return nil, errRemoved
	}
	if err != nil {
		return nil, err
	}
	if err := s.syncParents(); err != nil {
		_ = d.remove(f, n.String())
		letGo(f)
		return nil, err
	}
	if len(l.reports) >= s.maxReports {
		// The report is safe. Bounds that could not be kept now are kept by the
		// next call.
		_ = s.drop(d)
	}
	return &Report{store: s, name: n, file: f, data: data}, nil
}
