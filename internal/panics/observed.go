package panics

import (
	"encoding/binary"
	"hash/fnv"
	"sync"
)

// maxObserved bounds what is remembered of panics past. A panic is over, or the
// process is, long before as many others have come.
const maxObserved = 1024

// observed are the panics that a guard has seen, so that the next guard does not
// report them again. It is the process's: panics outlive an Init.
var observed memory

// A memory is a set of fingerprints of bounded size, the oldest of which make
// room.
type memory struct {
	mu     sync.Mutex
	guards map[uint64]sighting
	ring   [maxObserved]uint64
	next   int
}

// A sighting is where a panic was first seen: by the guard, a function's entry,
// that ran after so many others had recovered and panicked again.
type sighting struct {
	repanics int
	guard    uintptr
}

// isFresh tells whether a panic has not been seen before, and remembers it. In
// a loop, two panics have the same fingerprint. The second is a new one if the
// guard that saw the first has not run for it.
func (m *memory) isFresh(fingerprint uint64, deferred []uintptr) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := len(deferred) - 1
	s, known := m.guards[fingerprint]
	if known && s.repanics < last && deferred[s.repanics] == s.guard {
		return false
	}
	if m.guards == nil {
		m.guards = make(map[uint64]sighting)
	}
	if !known {
		delete(m.guards, m.ring[m.next])
		m.ring[m.next] = fingerprint
		m.next = (m.next + 1) % maxObserved
	}
	m.guards[fingerprint] = sighting{repanics: last, guard: deferred[last]}
	return true
}

// fingerprint is the same for all guards that one panic passes: the frames
// below the place of a panic stay as they are until the panic is over.
func (p Panic) fingerprint() uint64 {
	h := fnv.New64a()
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], p.Goroutine)
	h.Write(word[:])
	for _, pc := range p.Stack[:min(len(p.Stack), maxPCs/2)] { // Callers cuts the outer end
		binary.LittleEndian.PutUint64(word[:], uint64(pc))
		h.Write(word[:])
	}
	return h.Sum64()
}
