// Package moments keeps the last moments of a process in a file that outlives it: the
// last breadcrumbs, who was at work, and the vitals. When the process dies, of
// whatever, the kernel has what was written.
//
// It is tempting to map the file into memory: a breadcrumb would cost no system call.
// But while the kernel writes a page to the disk, who writes to the mapping waits for
// it, and on a disk that hangs, forever. The Go runtime does not know that this thread
// waits: the next garbage collection waits for it, and with it the whole program, which
// even SIGKILL does not end. And without room on the disk, or after somebody has cut the
// file short, it is a fault. A system call that hangs is one thread that is lost.
//
// The file has a fixed size. What is written was scrubbed before. An entry that the
// death has cut in two is not read: each has a checksum, and the former one of the same
// kind stays until the next is whole.
package moments

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"sync"
)

const (
	// Size is that of the file, in bytes.
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
	mu   sync.Mutex
	put  func(at int64, entry []byte) error // nil after Close
	next uint64
	used [3]int // by kind: how many were written
}

// The kinds of entries.
const (
	crumb = iota
	who
	state
)

// NewBook returns a Book that is empty. It writes with put, which may keep what it is
// given. If put fails, the entry is missing.
func NewBook(put func(at int64, entry []byte) error) *Book { return &Book{put: put} }

// Crumb writes a breadcrumb, in the place of the oldest.
func (b *Book) Crumb(entry []byte) { b.write(crumb, entry, crumbAt, crumbSlot, Crumbs) }

// Who writes who is at work.
func (b *Book) Who(entry []byte) { b.write(who, entry, whoAt, whoSlot, turns) }

// State writes the vitals.
func (b *Book) State(entry []byte) { b.write(state, entry, 0, stateSlot, turns) }

// Close ends the Book. It waits for no disk.
func (b *Book) Close() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.put = nil
}

// write writes an entry into the place among n that has the oldest. An entry that is
// too long is left out.
func (b *Book) write(kind int, entry []byte, at, slot, n int) {
	if b == nil || len(entry) > slot-head {
		return
	}
	b.mu.Lock()
	put, number, place := b.put, b.next+1, at+b.used[kind]%n*slot
	b.next = number
	b.used[kind]++
	b.mu.Unlock() // the disk may hang
	if put == nil {
		return
	}
	text := make([]byte, head, head+len(entry))
	binary.LittleEndian.PutUint64(text, number)
	binary.LittleEndian.PutUint32(text[8:], uint32(len(entry)))
	binary.LittleEndian.PutUint32(text[12:], checksum(number, entry))
	_ = put(int64(place), append(text, entry...)) // it is missing then
}

func checksum(number uint64, entry []byte) uint32 {
	var numbers [8]byte
	binary.LittleEndian.PutUint64(numbers[:], number)
	return crc32.Update(crc32.ChecksumIEEE(numbers[:]), crc32.IEEETable, entry)
}

// Moments are what was read, nil for nothing.
type Moments struct {
	Crumbs     [][]byte // the oldest first
	Who, State []byte
}

// Read reads what a Book has written. Of a file that was cut short, it reads what is
// left.
func Read(mem []byte) (m Moments) {
	if short := Size - len(mem); short > 0 {
		mem = append(slices.Clip(mem), make([]byte, short)...)
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
