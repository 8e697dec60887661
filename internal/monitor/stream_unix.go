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

// maxWords is how much of a line a listener looks at, in bytes. No text of a fatal
// error is longer.
const maxWords = 1 << 10

// A drain reads from a pipe. It stops at the end of the pipe or, if the program is
// dead, after all that the program has written. It does not wait for the end then,
// because another process may have the other end of the pipe and write to it.
type drain struct {
	r *os.File

	mu   sync.Mutex // held while reading
	dead bool
	left int // bytes of the program that are not read yet
}

func newDrain(r *os.File) *drain { return &drain{r: r} }

// finish tells the drain that the program is dead.
func (d *drain) finish() {
	_ = d.r.SetReadDeadline(time.Unix(1, 0)) // interrupts a read that waits
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

// A stream is the standard error of the program. It is a pipe whose text this
// process passes on to its own standard error, or that standard error itself if
// there is no pipe.
type stream struct {
	near    *drain       // nil without a pipe
	w       *os.File     // nil without a pipe
	written atomic.Int64 // bytes that were passed on
}

// watchStderr returns a stream. It uses no pipe for a terminal, or for a socket of
// the system's log, because a program may ask which of these it has. It uses none
// if standard error and standard output are one file either, because a pipe would
// change the order of what the program writes.
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

// far returns the end for the program.
func (s *stream) far() *os.File {
	if s.w == nil {
		return os.Stderr
	}
	return s.w
}

// closeFar closes the program's end here, once the program has a copy of it.
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

// passWait is how long the last output of a dead program may make no progress on
// its way to the reader of standard error.
const passWait = 5 * time.Second

// A heard is what was heard on standard error.
type heard struct {
	words string // of the last fatal error
	tail  []byte // the last lines
}

// await waits until everything has been passed on, and returns what was heard. It
// returns nothing if there is no progress for passWait.
func (s *stream) await(passed <-chan heard) heard {
	timer := time.NewTicker(passWait)
	defer timer.Stop()
	for before := int64(-1); ; {
		select {
		case h := <-passed:
			return h
		case <-timer.C:
			now := s.written.Load()
			if now == before {
				return heard{}
			}
			before = now
		}
	}
}

// finish makes pass end after all that the program has written.
func (s *stream) finish() {
	if s.near != nil {
		s.near.finish()
	}
}

// pass passes everything on, and returns what it has heard.
func (s *stream) pass() heard {
	if s.near == nil {
		return heard{}
	}
	var l listener
	var t tail
	buf := make([]byte, 32<<10)
	for {
		n, err := s.near.Read(buf)
		if !s.write(buf[:n]) {
			_ = s.near.r.Close() // so that the program gets the same error
			return heard{l.words, t.lines()}
		}
		l.hear(buf[:n])
		t.hear(buf[:n])
		if err != nil {
			return heard{l.words, t.lines()}
		}
	}
}

// atOnce is the size limit of one write, in bytes. It is small so that await sees
// progress if the reader is slow.
const atOnce = 4 << 10

// write writes text to standard error, and reports whether anybody reads it. Text
// that cannot be written, because the disk is full for example, is lost: the
// program could not have written it either.
func (s *stream) write(text []byte) (read bool) {
	for len(text) > 0 {
		n, err := os.Stderr.Write(text[:min(len(text), atOnce)])
		text = text[n:]
		s.written.Add(int64(n))
		switch {
		case errors.Is(err, syscall.EPIPE):
			return false
		case errors.Is(err, syscall.EAGAIN): // another process has made it non-blocking
			if n, _ := unix.Poll([]unix.PollFd{{Fd: 2, Events: unix.POLLOUT}}, int(passWait.Milliseconds())); n == 0 {
				return true
			}
		case err != nil:
			return true
		}
	}
	return true
}

// A listener finds the text of the runtime's last fatal error in the standard error
// of the program, to which other code writes, too. The words of this one are
// "concurrent map writes":
//
//	progress… fatal error: concurrent map writes
//
//	goroutine 7 [running]:
type listener struct {
	line  []byte
	maybe string // the words of the last line, if the next one is in afterFatal
	words string // of the last fatal error
}

var (
	fatalPrefix = []byte("fatal error: ")
	afterFatal  = []string{"", "runtime stack:", "[signal "} // how the next line begins; "" is an empty line
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
