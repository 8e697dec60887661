package spool

import (
	"errors"
	"maps"
	"time"
)

const (
	// maxKeys bounds the distinct crashes that are counted at a time. The one
	// whose window began first makes room.
	maxKeys = 256
	// maxKeyLen bounds a key, in bytes: the hexadecimal digits of a SHA-256.
	maxKeyLen = 64
)

// A window counts the reports with one key.
type window struct {
	Start   int64 `json:"start"` // milliseconds since 1970
	Count   int   `json:"count"`
	LeftOut int   `json:"left_out,omitempty"` // since the last that was allowed
}

// Allow reports whether one more report with this key, a hash of at most 64
// bytes, is within n in each period per, over all processes and runs that share
// the directory. If it is, leftOut is how many were not since the last that
// was, to be told with this report: they are handed out once. A clock that is
// set back delays the next report by at most per. On an error ok is true: to
// say too much is better than to say nothing.
func (s *Store) Allow(key string, n int, per time.Duration) (leftOut int, ok bool, err error) {
	if len(key) > maxKeyLen {
		return 0, true, errors.New("count report in spool: key too long")
	}
	d, err := s.openOrCreate()
	if err != nil {
		return 0, true, wrap("count report in spool", err)
	}
	defer d.close()
	now := millis(s.now())
	err = s.update(d, func(st *state) {
		leftOut, ok = st.allow(key, now, n, per)
	})
	if err != nil {
		return 0, true, wrap("count report in spool", err)
	}
	return leftOut, ok, nil
}

func (w *window) count(now int64, n int, per time.Duration) (leftOut int, ok bool) {
	w.Start = min(w.Start, now)
	if w.Count == 0 || now-w.Start >= per.Milliseconds() {
		w.Start, w.Count = now, 0
	}
	if w.Count >= n {
		w.LeftOut++
		return 0, false
	}
	w.Count++
	leftOut, w.LeftOut = w.LeftOut, 0
	return leftOut, true
}

// forget removes the windows that have ended with nothing left out, and makes
// room for key.
func (st *state) forget(key string, now int64, per time.Duration) {
	maps.DeleteFunc(st.Limits, func(k string, w window) bool {
		return k != key && w.LeftOut == 0 && now-w.Start >= per.Milliseconds()
	})
	if _, ok := st.Limits[key]; ok {
		return
	}
	for len(st.Limits) >= maxKeys {
		oldest := ""
		for k, w := range st.Limits {
			if oldest == "" || w.Start < st.Limits[oldest].Start {
				oldest = k
			}
		}
		delete(st.Limits, oldest)
	}
}
