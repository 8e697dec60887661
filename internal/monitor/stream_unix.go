//go:build linux || darwin || freebsd

package monitor

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// drainWait is how long a pipe may be empty until nothing more is expected
	// of a dead program: a process that it has left behind may hold the end.
	drainWait = 200 * time.Millisecond

	// maxDrain is what a pipe can hold, and more, see the file pipe-max-size in
	// /proc/sys/fs: what comes after that is not the program's.
	maxDrain = 1 << 20

	// maxWords is enough for every text of the runtime's.
	maxWords = 1 << 10
)

// A drain reads from a pipe until its end, or once the program is dead until it
// is empty.
type drain struct {
	r    *os.File
	dead atomic.Bool
	left int // of maxDrain
}

func newDrain(r *os.File) *drain { return &drain{r: r, left: maxDrain} }

func (d *drain) finish() {
	d.dead.Store(true)
	_ = d.r.SetReadDeadline(time.Now().Add(drainWait))
}

func (d *drain) Read(p []byte) (int, error) {
	if d.left <= 0 {
		return 0, io.EOF
	}
	n, err := d.r.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) { // perhaps while we were writing
		_ = d.r.SetReadDeadline(time.Now().Add(drainWait))
		n, err = d.r.Read(p)
	}
	if d.dead.Load() {
		d.left -= n
	}
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
	defer s.near.r.Close() // so that the program has the error that we had
	var l listener
	buf := make([]byte, 32<<10)
	for {
		n, err := s.near.Read(buf)
		if _, err := os.Stderr.Write(buf[:n]); err != nil {
			return l.words
		}
		l.hear(buf[:n])
		if err != nil {
			return l.words
		}
	}
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
