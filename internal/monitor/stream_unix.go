//go:build linux || darwin || freebsd

package monitor

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// maxWords is enough for every text of the runtime's.
const maxWords = 1 << 10

// A drain reads from a pipe until its end, or once the program is dead until
// what it has written is read: another process may hold the other end, and write.
type drain struct {
	r *os.File

	mu   sync.Mutex // of a Read
	dead bool
	left int // bytes of the program's
}

func newDrain(r *os.File) *drain { return &drain{r: r} }

func (d *drain) finish() {
	_ = d.r.SetReadDeadline(time.Unix(1, 0)) // whoever reads lets go
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = d.r.SetReadDeadline(time.Time{})
	d.dead = true
	if conn, err := d.r.SyscallConn(); err == nil {
		_ = conn.Control(func(fd uintptr) { d.left, _ = unix.IoctlGetInt(int(fd), fionread) })
	}
}

func (d *drain) Read(p []byte) (int, error) {
	for {
		n, err := d.read(p)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
	}
}

func (d *drain) read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.dead {
		return d.r.Read(p)
	}
	if d.left == 0 {
		return 0, io.EOF
	}
	n, err := d.r.Read(p[:min(len(p), d.left)])
	d.left -= n
	return n, err
}

// A stream is a pipe in the place of the program's standard error; without a
// pipe, the program has ours.
type stream struct {
	near    *drain
	w       *os.File
	written atomic.Int64 // bytes that were passed on
}

// watchStderr leaves a terminal alone, and what is standard output as well, or a
// socket of the system's log: a program may ask which it is, and two streams into
// one file keep their order.
func watchStderr() (*stream, error) {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&(os.ModeCharDevice|os.ModeSocket) != 0 {
		return &stream{}, nil
	}
	if out, err := os.Stdout.Stat(); err == nil && os.SameFile(info, out) {
		return &stream{}, nil
	}
	r, w, err := os.Pipe()
	return &stream{near: newDrain(r), w: w}, err
}

// far is the end for the program.
func (s *stream) far() *os.File {
	if s.w == nil {
		return os.Stderr
	}
	return s.w
}

// closeFar is for when the program has it.
func (s *stream) closeFar() {
	if s.w != nil {
		_ = s.w.Close()
	}
}

func (s *stream) closeNear() {
	if s.near != nil {
		_ = s.near.r.Close()
	}
}

// passWait is how long the last words of a dead program may stand still on their
// way to whoever reads its standard error.
const passWait = 5 * time.Second

// await returns the runtime's own words, when all is passed on that will be.
func (s *stream) await(passed <-chan string) string {
	timer := time.NewTicker(passWait)
	defer timer.Stop()
	for before := int64(-1); ; {
		select {
		case words := <-passed:
			return words
		case <-timer.C:
			now := s.written.Load()
			if now == before {
				return ""
			}
			before = now
		}
	}
}

// finish ends pass as soon as nothing comes any more.
func (s *stream) finish() {
	if s.near != nil {
		s.near.finish()
	}
}

// pass passes everything on, and returns the runtime's own words.
func (s *stream) pass() string {
	if s.near == nil {
		return ""
	}
	var l listener
	buf := make([]byte, 32<<10)
	for {
		n, err := s.near.Read(buf)
		if !s.write(buf[:n]) {
			_ = s.near.r.Close() // so that the program has the error that we had
			return l.words
		}
		l.hear(buf[:n])
		if err != nil {
			return l.words
		}
	}
}

// atOnce is little enough to see that a slow reader reads.
const atOnce = 4 << 10

// write tells whether anybody reads standard error. What can not be written, as on
// a full disk, is the program's loss: it would not be able to, either.
func (s *stream) write(text []byte) (read bool) {
	for len(text) > 0 {
		n, err := os.Stderr.Write(text[:min(len(text), atOnce)])
		text = text[n:]
		s.written.Add(int64(n))
		switch {
		case errors.Is(err, syscall.EPIPE):
			return false
		case errors.Is(err, syscall.EAGAIN): // somebody else has made it so
			if n, _ := unix.Poll([]unix.PollFd{{Fd: 2, Events: unix.POLLOUT}}, int(passWait.Milliseconds())); n == 0 {
				return true
			}
		case err != nil:
			return true
		}
	}
	return true
}

// A listener finds the words in a standard error that is anybody's:
//
//	progress… fatal error: concurrent map writes
//
//	goroutine 7 [running]:
type listener struct {
	line  []byte
	maybe string // the words, if the next line is as above
	words string
}

var (
	fatalPrefix = []byte("fatal error: ")
	afterFatal  = []string{"", "runtime stack:", "[signal "}
)

func (l *listener) hear(text []byte) {
	for part := range bytes.Lines(text) {
		if len(l.line) < maxWords {
			l.line = append(l.line, part[:min(len(part), maxWords)]...)
		}
		if part[len(part)-1] == '\n' {
			l.ended(bytes.TrimRight(l.line, "\r\n"))
			l.line = l.line[:0]
		}
	}
}

func (l *listener) ended(line []byte) {
	if l.maybe != "" && slices.ContainsFunc(afterFatal, func(begin string) bool {
		return begin == "" && len(line) == 0 || begin != "" && bytes.HasPrefix(line, []byte(begin))
	}) {
		l.words = l.maybe
	}
	l.maybe = ""
	if i := bytes.LastIndex(line, fatalPrefix); i >= 0 {
		l.maybe = string(line[i+len(fatalPrefix):])
	}
}
