package monitor

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/panicreport/sentry/internal/contain"
)

// An Output is the monitor's end of the pipe. Read returns the runtime's text
// only: Output takes the frames of [Watch.Tell] out of it.
type Output struct {
	r       *bufio.Reader
	mark    []byte // with which every frame begins
	state   []byte // the last one that is complete
	pending []byte // what has arrived of the next state
	notes   map[int][]byte
	told    func(state []byte)
}

var errNoKey = errors.New("open crash output: there is no key")

// Open reads the key at the beginning of r, and returns an Output for the rest.
// Read calls told with each state when it has arrived; told may be nil.
func Open(r io.Reader, told func(state []byte)) (*Output, error) {
	b := bufio.NewReaderSize(r, 4<<10)
	key, err := b.ReadSlice('\n')
	if err != nil || len(key) != 33 {
		return nil, errNoKey
	}
	return &Output{r: b, mark: append([]byte{0}, key[:32]...), notes: make(map[int][]byte), told: told}, nil
}

// State returns the last state that has arrived completely.
func (o *Output) State() []byte { return o.state }

// Notes returns the last text of each number, in the order of the numbers.
func (o *Output) Notes() (all []byte) {
	for _, number := range slices.Sorted(maps.Keys(o.notes)) {
		all = append(all, o.notes[number]...)
	}
	return all
}

// Read blocks until there is text or the program has ended.
func (o *Output) Read(p []byte) (int, error) {
	for {
		if _, err := o.r.Peek(1); err != nil {
			return 0, err
		}
		if o.frame() {
			continue
		}
		buf, _ := o.r.Peek(o.r.Buffered())
		n := len(buf)
		if next := bytes.IndexByte(buf[1:], 0); next >= 0 {
			n = next + 1
		}
		n = copy(p, buf[:n])
		_, _ = o.r.Discard(n)
		return n, nil
	}
}

// frame reads a frame if one comes next, and reports whether it did.
func (o *Output) frame() bool {
	if first, err := o.r.Peek(1); err != nil || first[0] != 0 {
		return false
	}
	head, err := o.r.Peek(len(o.mark) + 1 + lengthDigits)
	if err != nil || !bytes.HasPrefix(head, o.mark) {
		return false
	}
	kind := head[len(o.mark)]
	size, err := strconv.ParseUint(string(head[len(o.mark)+1:]), 16, 16)
	if err != nil || size > maxFrame {
		return false
	}
	whole, err := o.r.Peek(len(head) + int(size))
	if err != nil {
		return false
	}
	if kind == kindNote {
		o.note(whole[len(head):])
	} else {
		o.take(whole[len(head):])
	}
	_, _ = o.r.Discard(len(whole))
	return true
}

func (o *Output) take(data []byte) {
	switch {
	case len(data) == 0:
		o.state, o.pending = o.pending, nil
		if o.told != nil {
			o.told(o.state)
		}
	case len(o.pending)+len(data) <= maxState:
		o.pending = append(o.pending, data...)
	}
}

func (o *Output) note(data []byte) {
	if len(data) < numberDigits {
		return
	}
	number, err := strconv.ParseUint(string(data[:numberDigits]), 16, 32)
	if err == nil && number < maxNotes && len(data) <= numberDigits+maxNote {
		o.notes[int(number)] = slices.Clone(data[numberDigits:])
	}
}

// terminate receives the signals that ask this monitor to end.
var terminate = make(chan os.Signal, 1)

// lastAttempt is enough time for one more attempt to send, and less than the time
// that service managers give a process to end.
const lastAttempt = 5 * time.Second

// Obey makes a monitor whose program is dead end soon after it is asked to end, or
// was asked before: a service manager may wait for it before it starts the program
// again.
func Obey() {
	go func() {
		defer contain.Panic()
		<-terminate
		time.Sleep(lastAttempt)
		os.Exit(0)
	}()
}

// Settle prepares this process to be a monitor. A monitor ignores the signals that
// end the program, because it must live longer, and those that killall sends to
// every process of the program's name. It leaves the working directory, so that
// the directory is not in use, and gives back the memory that its start needed, if that
// was much. It is tempting to do so always: but whatever stops the world, which
// debug.SetGCPercent and runtime.ReadMemStats do, too, makes the process 0.4 MB larger.
func Settle() {
	signal.Ignore(ignoredSignals...)
	signal.Notify(terminate, os.Interrupt, syscall.SIGTERM)
	_ = os.Chdir(string(os.PathSeparator))
	var collections debug.GCStats
	if debug.ReadGCStats(&collections); collections.NumGC > 0 {
		debug.FreeOSMemory()
	}
}
