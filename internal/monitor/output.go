package monitor

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/panicreport/sentry/internal/contain"
)

// An Output is the far end of the pipe. What is read from it is the runtime's
// text: the frames of [Watch.Tell] are taken out.
type Output struct {
	r       *bufio.Reader
	mark    []byte // of a frame
	state   []byte
	pending []byte // frames of the next state
}

var errNoKey = errors.New("open crash output: there is no key")

// Open reads the beginning of r.
func Open(r io.Reader) (*Output, error) {
	b := bufio.NewReaderSize(r, 4<<10)
	key, err := b.ReadSlice('\n')
	if err != nil || len(key) != 33 {
		return nil, errNoKey
	}
	return &Output{r: b, mark: append([]byte{0}, key[:32]...)}, nil
}

// State is the last one that was told in whole.
func (o *Output) State() []byte { return o.state }

// Read blocks until there is text, or the process has ended.
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

// frame takes a frame, if one comes next.
func (o *Output) frame() bool {
	if first, err := o.r.Peek(1); err != nil || first[0] != 0 {
		return false
	}
	head, err := o.r.Peek(len(o.mark) + lengthDigits)
	if err != nil || !bytes.HasPrefix(head, o.mark) {
		return false
	}
	size, err := strconv.ParseUint(string(head[len(o.mark):]), 16, 16)
	if err != nil || size > maxFrame {
		return false
	}
	whole, err := o.r.Peek(len(head) + int(size))
	if err != nil {
		return false
	}
	o.take(whole[len(head):])
	_, _ = o.r.Discard(len(whole))
	return true
}

func (o *Output) take(data []byte) {
	switch {
	case len(data) == 0:
		o.state, o.pending = o.pending, nil
	case len(o.pending)+len(data) <= maxState:
		o.pending = append(o.pending, data...)
	}
}

// terminate has what asked this monitor to end.
var terminate = make(chan os.Signal, 1)

// lastAttempt is time for one more attempt, and less than what service managers
// grant.
const lastAttempt = 5 * time.Second

// Obey lets a monitor whose program is dead end soon if it is asked to, or was: a
// service manager that starts the program again may wait for it.
func Obey() {
	go func() {
		defer contain.Panic()
		<-terminate
		time.Sleep(lastAttempt)
		os.Exit(0)
	}()
}

// gcPercent keeps the heap of a monitor small: it has nothing to do.
const gcPercent = 20

// Settle makes this process a monitor: it outlives what ends the program, as
// it ends by itself after it, ignores what is sent to all processes of the
// program's name, holds no directory, and gives back the memory of its start.
func Settle() {
	signal.Ignore(others...)
	signal.Notify(terminate, os.Interrupt, syscall.SIGTERM)
	_ = os.Chdir(string(os.PathSeparator))
	debug.SetGCPercent(gcPercent)
	debug.FreeOSMemory()
}
