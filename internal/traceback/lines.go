package traceback

import (
	"bufio"
	"bytes"
	"io"
)

// A lineReader cuts a stream into lines of bounded length.
type lineReader struct {
	r    *bufio.Reader
	long []byte // a line that did not fit, kept for its tail
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, maxLine)}
}

// next returns the next line without its end, "\n" or "\r\n", valid until the
// next call. Of one longer than maxLine it returns the head and the last
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

// rest reads a line of which head is what fitted, and returns its two ends.
func (l *lineReader) rest(head []byte) ([]byte, error) {
	l.long = append(l.long[:0], head[:len(head)-maxLineTail]...)
	keep := len(l.long)
	l.long = append(l.long, head[len(head)-maxLineTail:]...)
	for {
		more, err := l.r.ReadSlice('\n')
		l.long = append(l.long, more...)
		// A tail of one byte more than promised: the "\n" is part of it.
		if over := len(l.long) - keep - maxLineTail - 1; over > 0 {
			n := copy(l.long[keep:], l.long[keep+over:])
			l.long = l.long[:keep+n]
		}
		if err != bufio.ErrBufferFull {
			return l.long, err
		}
	}
}
