package event

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	// maxTags is more than anybody reads in a report, and few enough that a change of
	// one, after which all are scrubbed and written down, takes milliseconds at most.
	maxTags = 200

	// maxTagValue is in bytes, 20 times what Sentry takes of a value: what the scrubber
	// leaves of the rest never has half a secret in it.
	maxTagValue = 4 << 10
)

// ErrTooManyTags says that a tag is left out.
var ErrTooManyTags = fmt.Errorf("there are %d tags already", maxTags)

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

// Set tells whether the tag was another before. An empty value removes it. A tag more
// than 200 is an error, and not set.
func (t *Tags) Set(key, value string) (changed bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(value) > maxTagValue {
		value = strings.Clone(value[:maxTagValue])
	}
	former, ok := t.All()[key]
	switch {
	case former == value:
		return false, nil
	case !ok && len(t.All()) >= maxTags:
		return false, ErrTooManyTags
	}
	next := MergeTags(t.All())
	if value == "" {
		delete(next, key)
	} else {
		next[key] = value
	}
	t.values.Store(&next)
	return true, nil
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
