package folder

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"strings"
)

const (
	magic   = "panicreport-spool"
	version = 1
	// maxHeader holds every header that this package writes, about 90 bytes,
	// and what a later version may add.
	maxHeader = 256
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Header says what a file is. It is the line with which every file begins, so
// that a torn or a foreign one is recognised:
//
//	panicreport-spool 1 report 0123456789abcdef0123456789abcdef 5321 1c291ca3
//
// magic, version, kind, id, length of the data in bytes, CRC-32C of kind, id
// and data. The checksum is there against torn writes and worn disks; whoever
// can write to the directory needs no forged one.
type Header struct{ Kind, ID string }

// Line returns the header of a file with data.
func (h Header) Line(data []byte) string {
	sum := crc32.Update(0, castagnoli, []byte(h.Kind+" "+h.ID+"\n"))
	sum = crc32.Update(sum, castagnoli, data)
	return fmt.Sprintf("%s %d %s %s %d %08x\n", magic, version, h.Kind, h.ID, len(data), sum)
}

// parse returns the data of a file. The header has one form only, so comparing
// it with what would have been written checks everything at once.
func (h Header) parse(content []byte) ([]byte, error) {
	end := bytes.IndexByte(content[:min(len(content), maxHeader)], '\n')
	if end < 0 {
		return nil, ErrDamaged
	}
	line, data := string(content[:end+1]), content[end+1:]
	if fields := strings.Fields(line); len(fields) > 1 && fields[0] == magic {
		if v, err := strconv.Atoi(fields[1]); err == nil && v > version {
			return nil, ErrFuture
		}
	}
	if line != h.Line(data) {
		return nil, ErrDamaged
	}
	return data, nil
}

// fits tells whether a file begins with a header of this kind and id, and of data of
// its size, or with one of a later version. What does not is not read whole.
func (h Header) fits(file *os.File, size int64) bool {
	begin := make([]byte, min(size, maxHeader))
	if n, err := file.ReadAt(begin, 0); n < len(begin) && err != nil {
		return true // whoever reads it will tell
	}
	fields := strings.Fields(string(begin))
	if len(fields) < 2 || fields[0] != magic {
		return false
	}
	if fields[1] != strconv.Itoa(version) {
		return true
	}
	end := int64(bytes.IndexByte(begin, '\n') + 1)
	return len(fields) > 4 && fields[2] == h.Kind && fields[3] == h.ID && fields[4] == strconv.FormatInt(size-end, 10)
}

// read returns the data of a file whose size has been checked.
func (h Header) read(file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !h.fits(file, info.Size()) {
		return nil, ErrDamaged
	}
	content := make([]byte, info.Size())
	if n, err := file.ReadAt(content, 0); n < len(content) {
		if errors.Is(err, io.EOF) {
			return nil, ErrDamaged
		}
		return nil, err
	}
	return h.parse(content)
}
