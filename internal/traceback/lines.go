package traceback

import (
	"bufio"
	"bytes"
	"io"
	"sync"
)

// A lineReader cuts a stream into lines of bounded length.
type lineReader struct {
	r    *bufio.Reader
	long []byte // the two ends of a line that is longer than maxLine
}

// readers are used again: a buffer for the longest line is more than all else that a
// short text needs.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, maxLine) }}

func newLineReader(r io.Reader) *lineReader {
	b := readers.Get().(*bufio.Reader)
	b.Reset(r)
	return &lineReader{r: b}
}

// close ends the reading.
func (l *lineReader) close() {
	l.r.Reset(nil)
	readers.Put(l.r)
	l.r = nil
}

// next returns the next line without its "\n" or "\r\n". The line is valid until
// the next call. If it is longer than maxLine, next returns its head and its last
// maxLineTail bytes. whole is false for text after the last "\n".
func (l *lineReader) next() (line []byte, whole bool, err error) {
	line, err = l.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		line, err = l.rest(line)
	}
	if err == io.EOF && len(line) > 0 {
		return line, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), true, nil
}

// rest reads the rest of a line that begins with head, and returns its two ends.
func (l *lineReader) rest(head []byte) ([]byte, error) {
	l.long = append(l.long[:0], head[:len(head)-maxLineTail]...)
	keep := len(l.long)
	l.long = append(l.long, head[len(head)-maxLineTail:]...)
	for {
		more, err := l.r.ReadSlice('\n')
		l.long = append(l.long, more...)
		// The tail is one byte longer, because the "\n" is part of it.
		if over := len(l.long) - keep - maxLineTail - 1; over > 0 {
			n := copy(l.long[keep:], l.long[keep+over:])
			l.long = l.long[:keep+n]
		}
		if err != bufio.ErrBufferFull {
			return l.long, err
		}
	}
}
