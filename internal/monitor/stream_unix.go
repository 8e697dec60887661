//go:build linux || darwin || freebsd

package monitor

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
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
	near *drain
	w    *os.File
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
		if !write(buf[:n]) {
			_ = s.near.r.Close() // so that the program has the error that we had
			return l.words
		}
		l.hear(buf[:n])
		if err != nil {
			return l.words
		}
	}
}

// write tells whether anybody reads standard error. What can not be written, as on
// a full disk, is the program's loss: it would not be able to, either.
func write(text []byte) (read bool) {
	for len(text) > 0 {
		n, err := os.Stderr.Write(text)
		text = text[n:]
		switch {
		case errors.Is(err, syscall.EPIPE):
			return false
		case errors.Is(err, syscall.EAGAIN): // somebody else has made it so
			_, _ = unix.Poll([]unix.PollFd{{Fd: 2, Events: unix.POLLOUT}}, -1)
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
