package words

import "encoding/binary"

const (
	// gram is how many bytes are looked up at once. What is shorter is found nowhere.
	gram = 4

	// The table has a place for each of so many hashes. It is 512 kB: small enough
	// for a process that is about to die, and larger than what most reports say.
	hashBits = 17

	// maxWork bounds how often two bytes are compared for one report. Only a text
	// that repeats the same words thousands of times needs more: what is not reached
	// is not found.
	maxWork = 100 << 20
)

// A finder finds what a number of texts and some data have in common.
type finder struct {
	text []byte                      // of all texts, each with a 0 behind it
	seen *[1 << hashBits / 64]uint64 // by hash: a bit that says that head has one; 16 kB are always in the cache
	head []int32                     // by hash: the last position with it, plus one
	next []int32                     // by position: the one before with the same hash, plus one
	work int                         // that may still be done
}

// newFinder returns a finder for texts, which are separated by zeros.
func newFinder(text []byte) *finder {
	f := &finder{text: text, seen: new([1 << hashBits / 64]uint64), head: make([]int32, 1<<hashBits), next: make([]int32, len(text)), work: maxWork}
	for i := 0; i+gram <= len(text); i++ {
		v := binary.LittleEndian.Uint32(text[i:])
		if hasZero(v) {
			continue
		}
		h := hash(v)
		f.next[i], f.head[h] = f.head[h], int32(i)+1
		f.seen[h/64] |= 1 << (h % 64)
	}
	return f
}

// hasZero reports whether one of four bytes is 0.
// https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord
func hasZero(v uint32) bool { return (v-0x01010101)&^v&0x80808080 != 0 }

func hash(v uint32) uint32 { return v * 0x9e3779b1 >> (32 - hashBits) }

// find calls found for everything that the texts and data have in common, and that
// is not a part of more: text[at:at+length] is data[from:from+length].
func (f *finder) find(data []byte, found func(data []byte, from, at, length int)) {
	for q := 0; q+gram <= len(data); q++ {
		v := binary.LittleEndian.Uint32(data[q:])
		h := hash(v)
		if f.seen[h/64]&(1<<(h%64)) == 0 {
			continue
		}
		i := f.head[h]
		for ; i != 0 && f.work > 0; i = f.next[i-1] {
			p := int(i) - 1
			f.work--
			if binary.LittleEndian.Uint32(f.text[p:]) != v || p > 0 && q > 0 && f.text[p-1] == data[q-1] && data[q-1] != 0 {
				continue
			}
			n := gram
			for p+n < len(f.text) && q+n < len(data) && f.text[p+n] == data[q+n] && data[q+n] != 0 {
				n++
			}
			f.work -= n
			found(data, q, p, n)
		}
	}
}
