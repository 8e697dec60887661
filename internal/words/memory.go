package words

import "sync"

const (
	// maxMemory bounds how many bytes of texts a Memory has. Those of the stacks of
	// a few hundred different panics have room in it.
	maxMemory = 128 << 10

	// maxRemembered is the longest text that is remembered. Longer ones are rarely
	// said twice.
	maxRemembered = 2 << 10
)

// A Memory has what was decided on texts of earlier reports. In a burst of panics
// almost all texts have been there before, above all the names in their stacks, and
// the image is not read for a report that has nothing new. The image of a process
// does not change. It may be used by several goroutines.
type Memory struct {
	mu    sync.Mutex
	shown map[string]string
	whole map[string]bool
	size  int
}

// text returns what is shown of a text, if that is known.
func (m *Memory) text(t string) (shown string, ok bool) {
	if m == nil {
		return "", false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	shown, ok = m.shown[t]
	return shown, ok
}

// isWhole returns whether all of a text is in the image, if that is known.
func (m *Memory) isWhole(t string) (whole, ok bool) {
	if m == nil {
		return false, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	whole, ok = m.whole[t]
	return whole, ok
}

// remember adds what a Reading has decided. If it has not looked at everything, that
// is only what it has found as a whole: there is nothing more to be found of it, and
// the next Reading has less to do.
func (m *Memory) remember(r *Reading, everything bool) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for t, known := range r.known {
		if known.shown != nil {
			continue
		}
		if shown := known.render(); (everything || shown == t) && m.makeRoom(len(t)+len(shown)) {
			m.shown[t] = shown
		}
	}
	for t, found := range r.whole {
		if _, ok := m.whole[t]; !ok && (everything || *found) && m.makeRoom(len(t)) {
			m.whole[t] = *found
		}
	}
}

// makeRoom reports whether there is room for so many bytes. It forgets everything
// when there is not: what the burst goes on with is soon there again.
func (m *Memory) makeRoom(n int) bool {
	const entry = 64 // of a map
	if n += entry; n > maxRemembered+entry {
		return false
	}
	if m.size += n; m.size > maxMemory || m.shown == nil {
		m.shown, m.whole, m.size = make(map[string]string), make(map[string]bool), n
	}
	return true
}
