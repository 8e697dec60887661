package traceback

import (
	"bytes"
	"strconv"
	"strings"
	"unsafe"
)

// threw takes the first line of a fatal error's text, which only standard error
// has:
//
//	fatal error: concurrent map writes
func (p *parser) threw(b []byte) bool {
	words, ok := bytes.CutPrefix(b, []byte("fatal error: "))
	if !ok {
		return false
	}
	if p.failed && p.bare() || !p.begin() {
		// One fatal error on the way out of another, or another output.
		return true
	}
	p.leave()
	p.headed, p.failed, p.block = true, true, fatalText
	p.fatal.add(words)
	return true
}

// The words of the runtime, as its source has them.
const (
	asleep        = "all goroutines are asleep - deadlock!"
	noGoroutines  = "no goroutines (main called runtime.Goexit) - deadlock!"
	mapWrites     = "concurrent map writes"
	mapRead       = "concurrent map read and map write"
	mapIteration  = "concurrent map iteration and map write"
	mapClone      = "concurrent map clone and map write"
	mapNoSlot     = "small map with no empty slot (concurrent map writes?)"
	stackOverflow = "stack overflow"
	outOfMemory   = "out of memory"
	osOutOfMemory = "runtime: out of memory"
)

// Not the runtime's words, where it leaves none and the frames do not tell.
const (
	mapAccess = "concurrent map access"
	untold    = "told on standard error only"
)

// A cause is what a function can throw for.
type cause struct {
	function string   // what called throw or fatal; "*" at an end for anything
	words    []string // what it can have said, the likeliest first
	unsure   string   // what to say if nothing tells which; words[0] if empty
}

// causes are the fatal errors that a program brings about. The runtime has a
// thousand others that say it is broken; those are told by their function.
var causes = []cause{
	{function: "internal/runtime/maps.(*Iter).Next", words: []string{mapIteration}},
	{function: "internal/runtime/maps.(*Map).Clone", words: []string{mapClone}},
	{function: "internal/runtime/maps.(*Map).get*", words: []string{mapRead}},
	{function: "internal/runtime/maps.(*Map).*", words: []string{mapWrites, mapNoSlot}},
	{function: "runtime.mapaccess*", words: []string{mapRead}},
	{function: "runtime.mapassign*", words: []string{mapWrites, mapNoSlot}},
	{function: "runtime.mapdelete*", words: []string{mapWrites}},
	{function: "runtime.mapclear*", words: []string{mapWrites}},
	{function: "internal/sync.(*Mutex).unlockSlow", words: []string{"sync: unlock of unlocked mutex"}},
	{function: "internal/sync.(*Mutex).lockSlow", words: []string{"sync: inconsistent mutex state"}},
	{function: "sync.(*RWMutex).rUnlockSlow", words: []string{"sync: RUnlock of unlocked RWMutex"}},
	{function: "sync.(*RWMutex).Unlock", words: []string{"sync: Unlock of unlocked RWMutex"}},
	{function: "sync.(*WaitGroup).Add", words: []string{
		"sync: WaitGroup.Add called from inside and outside synctest bubble",
		"sync: WaitGroup.Add called from multiple synctest bubbles",
	}},
	{function: "crypto/rand.*", words: []string{"crypto/rand: failed to read random data (see https://go.dev/issue/66821)"}},
	{function: "crypto/internal/sysrand.*", words: []string{"crypto/rand: failed to read random data (see https://go.dev/issue/66821)"}},
	{function: "crypto/internal/fips140.*", words: []string{"FIPS 140-3 self-test failed"}},
	{function: "runtime.newstack", words: []string{stackOverflow, "runtime: split stack overflow", "runtime: wrong goroutine in newstack"}},
	{function: "runtime.(*mcache).allocLarge", words: []string{outOfMemory}},
	{function: "runtime.(*mcache).refill", words: []string{outOfMemory}},
	{function: "runtime.stackpoolalloc", words: []string{outOfMemory}},
	{function: "runtime.stackalloc", words: []string{outOfMemory, "out of memory (stackalloc)"}},
	{function: "runtime.sys*OS", words: []string{osOutOfMemory}},
	{function: "runtime.sysMap", words: []string{osOutOfMemory}},
	{function: "runtime.(*mheap).sysAlloc", words: []string{
		"out of memory allocating heap arena metadata",
		"out of memory allocating heap arena map",
		"out of memory allocating allArenas",
	}, unsure: outOfMemory},
	{function: "runtime.persistentalloc1", words: []string{"runtime: cannot allocate memory"}},
	{function: "runtime.(*fixalloc).*", words: []string{"runtime: cannot allocate memory"}},
	{function: "runtime.newosproc*", words: []string{"newosproc"}},
	{function: "runtime.checkmcount", words: []string{"thread exhaustion"}},
	{function: "runtime.checkdead", words: []string{asleep, noGoroutines, "checkdead: inconsistent counts", "checkdead: runnable g"}},
	{function: "runtime.newproc1", words: []string{"go of nil func value"}},
	{function: "runtime.badPointer", words: []string{"found bad pointer in Go heap (incorrect use of unsafe or cgo?)"}},
	{function: "runtime.sigpanic", words: []string{"unexpected signal during runtime execution", "fault"}},
	{function: "runtime.(*timer).unlockAndRun", words: []string{"too many concurrent timer firings"}},
	{function: "runtime.cgoCheck*", words: []string{"unpinned Go pointer stored into non-Go memory"}},
	{function: "runtime.concatstring*", words: []string{"string concatenation too long"}},
	{function: "runtime.chansend*", words: []string{"send on synctest channel from outside bubble"}},
	{function: "runtime.chanrecv*", words: []string{"receive on synctest channel from outside bubble"}},
	{function: "runtime.closechan", words: []string{"close of synctest channel from outside bubble"}},
	{function: printing, words: []string{"panic while printing panic value"}},
}

// mapCause is for a map access at a level that hides the function: below
// internal/runtime/maps.fatal there is the program's own frame at once.
var mapCause = cause{words: []string{mapRead, mapWrites, mapNoSlot}, unsure: mapAccess}

// IsRuntimes tells whether words are the runtime's for a fatal error that a
// program brings about, and not a text that somebody else has printed like one.
func IsRuntimes(words string) bool {
	for _, c := range causes {
		for _, known := range c.words {
			if words == known {
				return true
			}
		}
	}
	return words == mapRead || words == mapWrites
}

// infer returns the words of a fatal error, from the frames of its machinery and
// the function that called it.
func infer(throw []Frame, caller string) string {
	if len(throw) == 0 {
		return untold
	}
	c, ok := causeOf(throw, caller)
	if !ok && caller != "" {
		return "fatal error in " + caller
	}
	words := c.words
	for _, f := range throw {
		addr, length := textArgs(f.args)
		if length > 0 {
			words = keepIf(words, func(w string) bool { return len(w) == length })
		}
		if addr > 0 && len(words) > 1 {
			words = keepIf(words, func(w string) bool { return addressOf(w) == addr })
		}
	}
	if len(words) > 1 && c.unsure != "" {
		return c.unsure
	}
	if len(words) == 0 {
		return untold
	}
	return words[0]
}

// causeOf returns what caller throws for.
func causeOf(throw []Frame, caller string) (cause, bool) {
	for _, c := range causes {
		if matches(c.function, caller) {
			return c, true
		}
	}
	if throw[len(throw)-1].Function == "internal/runtime/maps.fatal" {
		return mapCause, true
	}
	return cause{}, false
}

// matches reports whether a function is what pattern says. The star of a
// receiver stands for itself.
func matches(pattern, function string) bool {
	i := strings.LastIndexByte(pattern, '*')
	if i < 0 || i > 0 && pattern[i-1] == '(' {
		return pattern == function
	}
	head, tail := pattern[:i], pattern[i+1:]
	rest, ok := strings.CutPrefix(function, head)
	return ok && strings.HasSuffix(rest, tail)
}

// keepIf returns the words that ok holds for, or all of them if it holds for
// none: then the hint is of another version.
func keepIf(words []string, ok func(string) bool) []string {
	var kept []string
	for _, w := range words {
		if ok(w) {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return words
	}
	return kept
}

// textArgs takes the argument of throw and fatal, a string: its address and its
// length. A number with "?" can be stale. A stale length says nothing; a stale
// address finds no words.
//
//	{0x50833e, 0x15}
//	{0x50833e?, 0x4e9b60?}
func textArgs(args string) (addr uint64, length int) {
	addr, rest, ok := hexadecimal(bytes.TrimPrefix([]byte(args), []byte("{")))
	if !ok {
		return 0, 0
	}
	rest = bytes.TrimPrefix(bytes.TrimPrefix(rest, []byte("?")), []byte(", "))
	n, rest, ok := hexadecimal(rest)
	if !ok || string(rest) != "}" || n > maxText {
		return addr, 0
	}
	return addr, int(n)
}

// addressOf returns where this program has the words. The linker keeps one copy
// of equal string constants, so if the program that died is this one, at the
// same place in memory, then that is where its runtime had them, and the
// address in the frame is the only thing that tells a read from a write. In
// another program, or another place, the addresses are not equal.
func addressOf(words string) uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.StringData(words))))
}

// hex returns n as the runtime prints it.
func hex(n uint64) string { return "0x" + strconv.FormatUint(n, 16) }
