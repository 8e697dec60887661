package traceback

import (
	"bytes"
	"strconv"
	"strings"
	"unsafe"
)

// threw reads the first line of the text of a fatal error, which only standard
// error has:
//
//	fatal error: concurrent map writes
func (p *parser) threw(b []byte) bool {
	words, ok := bytes.CutPrefix(b, []byte("fatal error: "))
	if !ok {
		return false
	}
	if p.failed && p.bare() || !p.begin() {
		// A second fatal error while the first was printed, or another crash
		// output.
		return true
	}
	p.leave()
	p.headed, p.failed, p.block = true, true, fatalText
	p.fatal.add(words)
	return true
}

// These are the words of the runtime, from its source.
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

// These are not the words of the runtime. They stand in if the text has no words
// and the frames do not tell which it would have been.
const (
	mapAccess = "concurrent map access"
	untold    = "told on standard error only"
)

// A cause lists the words with which a function can call throw or fatal.
type cause struct {
	function string   // the caller of throw or fatal; "*" stands for any text
	words    []string // the words it can have used, the most likely first
	unsure   string   // used if nothing tells which words; words[0] if empty
}

// causes are the fatal errors that the code of a program can cause. The runtime has
// a thousand others, which mean that the runtime itself is broken. Those are
// reported with the name of the function.
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

// mapCause is for a map access, if GOTRACEBACK hides the function of the runtime.
// The frame below internal/runtime/maps.fatal is then one of the program.
var mapCause = cause{words: []string{mapRead, mapWrites, mapNoSlot}, unsure: mapAccess}

// IsRuntimes reports whether words are those of the runtime for a fatal error that
// the code of a program can cause. Other code can print a text that looks like one.
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

// infer returns the words of a fatal error that the text does not have. throw are
// the frames of the functions that end the process, and caller is the function that
// called them.
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

// causeOf returns the cause for a caller.
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

// matches reports whether a function matches a pattern. The star of a pointer
// receiver, after "(", is not a wildcard.
func matches(pattern, function string) bool {
	i := strings.LastIndexByte(pattern, '*')
	if i < 0 || i > 0 && pattern[i-1] == '(' {
		return pattern == function
	}
	head, tail := pattern[:i], pattern[i+1:]
	rest, ok := strings.CutPrefix(function, head)
	return ok && strings.HasSuffix(rest, tail)
}

// keepIf returns the words for which ok is true. If it is true for none, the
// program has another version of Go with other words, and keepIf returns all.
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

// textArgs reads the argument of throw or fatal, a string, and returns its address
// and its length. A number with "?" can be stale, which means that it may no longer
// be the argument. A stale length is not used. A stale address needs no check,
// because no words will be found at it.
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

// addressOf returns the address of the words in this program. The linker keeps one
// copy of equal string constants. If the program that died has the same executable
// as this one, at the same place in memory, its runtime had the words at the same
// address. This is the only way to tell a concurrent map read from a map write. In
// another executable, or at another place, the addresses are not equal.
func addressOf(words string) uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.StringData(words))))
}

// hex returns n as the runtime prints it.
func hex(n uint64) string { return "0x" + strconv.FormatUint(n, 16) }
