package panics

import (
	"bytes"
	"runtime"
	"slices"
	"strconv"
	"sync"
)

// A Table remembers something about panics that may still be on their way. It
// forgets a panic that is over, and none that is not, however many others come
// meanwhile: nobody is told when a panic that a guard has seen is recovered above
// it, so a Table looks. A panic is over when its goroutine panics in another place,
// or has ended.
//
// It may be used from several goroutines. The zero value is empty.
type Table[T any] struct {
	mu      sync.Mutex
	entries map[uint64]tableEntry[T] // by fingerprint
	of      map[uint64][]uint64      // the fingerprints of a goroutine
	most    int                      // entries before the next look at all goroutines
}

type tableEntry[T any] struct {
	goroutine uint64
	value     T
}

// firstLook entries, some 200 bytes each, cost less than a look at all goroutines: it
// stops the program, for a tenth of a second in a storm of 10,000. The next look is
// when there are twice as many entries as after the last one.
const firstLook = 16384

// Update calls change with what is remembered of p, and remembers what that
// returns. It hands out what it forgets: of panics that are over.
func (t *Table[T]) Update(p Panic, change func(value T, known bool) T) (over []T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.entries == nil {
		t.entries, t.of, t.most = make(map[uint64]tableEntry[T]), make(map[uint64][]uint64), firstLook
	}
	over = t.forgetOf(p)
	e, known := t.entries[p.id]
	t.entries[p.id] = tableEntry[T]{p.Goroutine, change(e.value, known)}
	if !known {
		t.of[p.Goroutine] = append(t.of[p.Goroutine], p.id)
	}
	if len(t.entries) > t.most {
		over = append(over, t.forgetEnded()...)
		t.most = max(firstLook, 2*len(t.entries))
	}
	return over
}

// All calls each for everything that is remembered, in no order.
func (t *Table[T]) All(each func(value T)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.entries {
		each(e.value)
	}
}

// forgetOf forgets the panics of the goroutine of p that are not on its stack.
func (t *Table[T]) forgetOf(p Panic) (over []T) {
	kept := slices.DeleteFunc(t.of[p.Goroutine], func(id uint64) bool {
		if id == p.id || slices.Contains(p.others, id) {
			return false
		}
		over = append(over, t.entries[id].value)
		delete(t.entries, id)
		return true
	})
	t.of[p.Goroutine] = kept
	return over
}

// forgetEnded forgets the panics of goroutines that are not there any more.
func (t *Table[T]) forgetEnded() (over []T) {
	living, ok := goroutines()
	if !ok {
		return nil
	}
	for id, e := range t.entries {
		if !living[e.goroutine] {
			over = append(over, e.value)
			delete(t.entries, id)
			delete(t.of, e.goroutine)
		}
	}
	return over
}

// maxAllTraces bounds the text of all goroutines, in bytes: about 60,000 of them.
const maxAllTraces = 64 << 20

// goroutines are the numbers of those that live. It is not ok if there are too many
// to be read. No function of the runtime tells the numbers, but the text has them:
//
//	goroutine 18 [running]:
func goroutines() (living map[uint64]bool, ok bool) {
	size := 1<<20 + 1024*runtime.NumGoroutine() // what the text of one usually takes
	buf := make([]byte, size)
	n := runtime.Stack(buf, true)
	for ; n == size; n = runtime.Stack(buf, true) {
		if size *= 2; size > maxAllTraces {
			return nil, false
		}
		buf = make([]byte, size)
	}
	living = make(map[uint64]bool)
	for line := range bytes.Lines(buf[:n]) {
		if rest, found := bytes.CutPrefix(line, []byte("goroutine ")); found {
			digits, _, _ := bytes.Cut(rest, []byte(" "))
			if id, err := strconv.ParseUint(string(digits), 10, 64); err == nil {
				living[id] = true
			}
		}
	}
	return living, true
}
