package words

import (
	"regexp"
	"strings"
	"sync"
)

// runtimeTexts are those of Go's runtime, without what differs in them.
const runtimeTexts = `
runtime error
fatal error
invalid memory address or nil pointer dereference
integer divide by zero
integer overflow
floating point error
negative shift amount
assignment to entry in nil map
index out of range
slice bounds out of range
makeslice: len out of range
makeslice: cap out of range
makechan: size out of range
growslice: len out of range
unsafe.Slice: len out of range
unsafe.Slice: ptr is nil and len is not zero
unsafe.String: len out of range
send on closed channel
close of closed channel
close of nil channel
all goroutines are asleep - deadlock!
concurrent map writes
concurrent map read and map write
concurrent map iteration and map write
stack overflow
out of memory
unexpected signal during runtime execution
segmentation violation
sync: unlock of unlocked mutex
sync: Unlock of unlocked RWMutex
sync: RUnlock of unlocked RWMutex
sync: negative WaitGroup counter
panic called with nil argument (use GODEBUG=panicnil=1 to disable)
runtime.Goexit called
interface conversion
hash of unhashable type
comparing uncomparable type
missing method
`

// numbered are texts of the runtime with numbers, which stay as long as they are:
//
//	index out of range [5] with length 3
//	slice bounds out of range [:9] with capacity 4
//	[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4b3f2a]
var numbered = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:` +
		`index out of range \[-?\d+\](?: with length \d+)?` +
		`|slice bounds out of range \[[-\d:]+\](?: with (?:length|capacity) \d+)?` +
		`|cannot convert slice with length \d+ to array or pointer to array with length \d+` +
		`|signal SIG[A-Z]+: [a-z ]+ code=-?0x[0-9a-f]+ addr=0x[0-9a-f]+ pc=0x[0-9a-f]+` +
		`)`)
})

// conversion is a text of the runtime with the names of types, which have to be in
// the image:
//
//	interface conversion: interface {} is string, not int
var conversion = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\binterface conversion: .{1,200}? (is)(?: (not) |\b.{1,200}?, (not) )`)
})

// runtimes takes what the runtime has written.
func (t *text) runtimes() {
	if strings.Contains(t.s, "out of range [") || strings.Contains(t.s, "cannot convert slice") || strings.Contains(t.s, "signal SIG") {
		for _, found := range numbered().FindAllStringIndex(t.s, -1) {
			t.spans = append(t.spans, span{found[0], found[1]})
		}
	}
	if strings.Contains(t.s, "interface conversion: ") {
		for _, found := range conversion().FindAllStringSubmatchIndex(t.s, -1) {
			for g := 2; g < len(found); g += 2 {
				if found[g] >= 0 {
					t.spans = append(t.spans, span{found[g], found[g+1]})
				}
			}
		}
	}
}
