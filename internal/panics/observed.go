package panics

import (
	"encoding/binary"
	"hash/fnv"
)

// observed are the panics that a guard has seen, so that the next guard does not
// report them again. It is the process's: panics outlive an Init.
var observed Table[sighting]

// A sighting is where a panic was first seen: by the guard, a function's entry,
// that ran after so many others had recovered and panicked again.
type sighting struct {
	repanics int
	guard    uintptr
}

// isFresh tells whether a panic has not been seen before, and remembers it. In
// a loop, two panics have the same id. The second is a new one if the guard that
// saw the first has not run for it.
func isFresh(p Panic, deferred []uintptr) (fresh bool) {
	observed.Update(p, func(s sighting, known bool) sighting {
		last := len(deferred) - 1
		if known && s.repanics < last && deferred[s.repanics] == s.guard {
			return s
		}
		fresh = true
		return sighting{repanics: last, guard: deferred[last]}
	})
	return fresh
}

// fingerprint is the same for all guards that one panic passes: the frames
// below the place of a panic stay as they are until the panic is over.
func fingerprint(goroutine uint64, stack Stack) uint64 {
	h := fnv.New64a()
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], goroutine)
	h.Write(word[:])
	for _, pc := range stack[:min(len(stack), maxPCs/2)] { // Callers cuts the outer end
		binary.LittleEndian.PutUint64(word[:], uint64(pc))
		h.Write(word[:])
	}
	return h.Sum64()
}
