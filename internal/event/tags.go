package event

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Tags are tags that change while the program runs. They are read without a
// lock: by reports, in the middle of a panic. The zero value is empty.
type Tags struct {
	mu     sync.Mutex // of Set
	values atomic.Pointer[map[string]string]
}

// All returns the tags. The caller must not change them.
func (t *Tags) All() map[string]string {
	if values := t.values.Load(); values != nil {
		return *values
	}
	return nil
}

// Set tells whether the tag was another before. An empty value removes it.
func (t *Tags) Set(key, value string) (changed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.All()[key] == value {
		return false
	}
	next := MergeTags(t.All())
	if value == "" {
		delete(next, key)
	} else {
		next[key] = value
	}
	t.values.Store(&next)
	return true
}

// MergeTags returns a new map with all tags; of two with one name it has the
// later one.
func MergeTags(all ...map[string]string) map[string]string {
	merged := make(map[string]string)
	for _, tags := range all {
		maps.Copy(merged, tags)
	}
	return merged
}
