// Package limit counts how often the same thing happens in a period, and how
// often it was left out because it had happened too often. It only counts: where
// the counts are kept, and over how many processes they hold, is up to the
// caller. [Counter] keeps them in memory.
package limit

import (
	"maps"
	"sync"
	"time"
)

// MaxKeyLen bounds a key, in bytes: the hexadecimal digits of a SHA-256.
const MaxKeyLen = 64

// MaxKeys bounds the distinct keys that are counted at a time. The one whose
// period began first makes room.
const MaxKeys = 256

// A Rate is n in each period Per. A Rate without a period is no limit.
type Rate struct {
	N   int
	Per time.Duration
}

// A Window counts what happens with one key.
type Window struct {
	Start   int64 `json:"start"` // milliseconds since 1970
	Count   int   `json:"count"`
	LeftOut int   `json:"left_out,omitempty"` // since the last that was allowed
}

// Windows are the counts by key.
type Windows map[string]Window

// Allow tells whether one more with this key, at now in milliseconds since 1970,
// is within rate. If it is, leftOut is how many were not since the last that was:
// they are handed out once. A clock that is set back delays the next by at most
// one period.
func (w Windows) Allow(key string, now int64, rate Rate) (leftOut int, ok bool) {
	w.forget(key, now, rate.Per)
	window := w[key]
	leftOut, ok = window.count(now, rate)
	w[key] = window
	return leftOut, ok
}

// forget removes the windows that have ended with nothing left out, and makes
// room for key.
func (w Windows) forget(key string, now int64, per time.Duration) {
	maps.DeleteFunc(w, func(k string, window Window) bool {
		return k != key && window.LeftOut == 0 && now-window.Start >= per.Milliseconds()
	})
	if _, ok := w[key]; ok {
		return
	}
	for len(w) >= MaxKeys {
		oldest := ""
		for k, window := range w {
			if oldest == "" || window.Start < w[oldest].Start {
				oldest = k
			}
		}
		delete(w, oldest)
	}
}

func (w *Window) count(now int64, rate Rate) (leftOut int, ok bool) {
	w.Start = min(w.Start, now)
	if w.Count == 0 || now-w.Start >= rate.Per.Milliseconds() {
		w.Start, w.Count = now, 0
	}
	if w.Count >= rate.N {
		w.LeftOut++
		return 0, false
	}
	w.Count++
	leftOut, w.LeftOut = w.LeftOut, 0
	return leftOut, true
}

// A Counter counts in memory, for this process alone. Its zero value is ready,
// and it may be used from several goroutines.
type Counter struct {
	mu      sync.Mutex
	windows Windows
}

// Allow is [Windows.Allow] at this time.
func (c *Counter) Allow(key string, rate Rate) (leftOut int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.windows == nil {
		c.windows = Windows{}
	}
	return c.windows.Allow(key, time.Now().UnixMilli(), rate)
}
