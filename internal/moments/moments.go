// Package moments keeps the last moments of a process in memory that outlives it: the
// last breadcrumbs, who was at work, and the vitals. The memory is a file that is
// mapped; when the process dies, of whatever, the kernel has what was written.
//
// It has a fixed size, and writing costs no system call. What is written was scrubbed
// before. An entry that the death has cut in two is not read: each has a checksum, and
// the former one of the same kind stays until the next is whole.
package moments

import (
	"encoding/binary"
	"hash/crc32"
	"runtime/debug"
	"slices"
	"sync"
)

const (
	// Size is that of the memory, in bytes: 16 pages.
	Size = 64 << 10

	// Crumbs is how many breadcrumbs are kept, as many as sentry-go does by default.
	Crumbs = 100

	// MaxCrumb, MaxWho and MaxState bound an entry of each kind, in bytes.
	MaxCrumb = crumbSlot - head
	MaxWho   = whoSlot - head
	MaxState = stateSlot - head

	crumbSlot = 528
	whoSlot   = 4 << 10
	stateSlot = 2 << 10

	// Of those of which the last counts there are two places, used by turns.
	turns = 2

	whoAt   = turns * stateSlot
	crumbAt = whoAt + turns*whoSlot
)

// head is the size of what is before an entry: its number, from 1 on, its length, and
// the checksum of all that.
const head = 8 + 4 + 4

// A Book is what a process writes into. Its methods may be called from several
// goroutines, and on nil, for nothing.
type Book struct {
	mu    sync.Mutex
	mem   []byte // nil after Close
	next  uint64
	unmap func([]byte)
}

// NewBook returns the Book of mem, of Size bytes, which Close gives to unmap.
func NewBook(mem []byte, unmap func([]byte)) *Book { return &Book{mem: mem, unmap: unmap} }

// Crumb writes a breadcrumb, in the place of the oldest.
func (b *Book) Crumb(entry []byte) { b.write(entry, crumbAt, crumbSlot, Crumbs) }

// Who writes who is at work.
func (b *Book) Who(entry []byte) { b.write(entry, whoAt, whoSlot, turns) }

// State writes the vitals.
func (b *Book) State(entry []byte) { b.write(entry, 0, stateSlot, turns) }

// Close ends the Book.
func (b *Book) Close() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mem != nil {
		b.unmap(b.mem)
		b.mem = nil
	}
}

// write writes an entry into the place among n that has the oldest. An entry that is
// too long is left out.
func (b *Book) write(entry []byte, at, slot, n int) {
	if b == nil || len(entry) > slot-head {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mem == nil {
		return
	}
	// Somebody may cut the file short, or the disk may have no room for it after all:
	// then the memory is not there. That is no reason to die.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			b.mem = nil
		}
	}()
	place := oldest(b.mem, at, slot, n)
	b.next++
	binary.LittleEndian.PutUint64(place, 0)
	copy(place[head:], entry)
	binary.LittleEndian.PutUint32(place[8:], uint32(len(entry)))
	binary.LittleEndian.PutUint32(place[12:], checksum(b.next, entry))
	binary.LittleEndian.PutUint64(place, b.next)
}

func checksum(number uint64, entry []byte) uint32 {
	var numbers [8]byte
	binary.LittleEndian.PutUint64(numbers[:], number)
	return crc32.Update(crc32.ChecksumIEEE(numbers[:]), crc32.IEEETable, entry)
}

// oldest is the place with the lowest number.
func oldest(mem []byte, at, slot, n int) (place []byte) {
	lowest := uint64(1<<64 - 1)
	for i := range n {
		p := mem[at+i*slot : at+(i+1)*slot]
		if number := binary.LittleEndian.Uint64(p); number < lowest {
			lowest, place = number, p
		}
	}
	return place
}

// Moments are what was read, nil for nothing.
type Moments struct {
	Crumbs     [][]byte // the oldest first
	Who, State []byte
}

// Read reads what a Book has written.
func Read(mem []byte) (m Moments) {
	if len(mem) < Size {
		return m
	}
	m.Crumbs = entries(mem, crumbAt, crumbSlot, Crumbs)
	m.Who = last(entries(mem, whoAt, whoSlot, turns))
	m.State = last(entries(mem, 0, stateSlot, turns))
	return m
}

func last(entries [][]byte) []byte {
	if len(entries) == 0 {
		return nil
	}
	return entries[len(entries)-1]
}

// entries are the whole ones, by their number.
func entries(mem []byte, at, slot, n int) (all [][]byte) {
	type entry struct {
		number uint64
		text   []byte
	}
	var found []entry
	for i := range n {
		p := mem[at+i*slot : at+(i+1)*slot]
		number, size := binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint32(p[8:])
		if number == 0 || int(size) > slot-head {
			continue
		}
		text := p[head : head+int(size)]
		if checksum(number, text) == binary.LittleEndian.Uint32(p[12:]) {
			found = append(found, entry{number, text})
		}
	}
	slices.SortFunc(found, func(a, b entry) int {
		if a.number < b.number {
			return -1
		}
		return 1
	})
	for _, e := range found {
		all = append(all, e.text)
	}
	return all
}
