package spool

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
	frameMagic   = "panicreport-spool"
	frameVersion = 1
	// maxFrameHeader holds every header that this package writes, about 90
	// bytes, and what a later version may add.
	maxFrameHeader = 256
)

var (
	errDamaged = errors.New("not a whole file of this spool")
	errFuture  = errors.New("written by a later version")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frameHeader returns the line with which every file begins, so that a torn or
// a foreign one is recognised:
//
//	panicreport-spool 1 report 0123456789abcdef0123456789abcdef 5321 1c291ca3
//
// magic, version, kind, id, length of the data in bytes, CRC-32C of kind, id
// and data. The checksum is there against torn writes and worn disks; whoever
// can write to the directory needs no forged one.
func frameHeader(kind, id string, data []byte) string {
	sum := crc32.Update(0, castagnoli, []byte(kind+" "+id+"\n"))
	sum = crc32.Update(sum, castagnoli, data)
	return fmt.Sprintf("%s %d %s %s %d %08x\n", frameMagic, frameVersion, kind, id, len(data), sum)
}

// parseFrame returns the data of a file. The header has one form only, so
// comparing it with what would have been written checks everything at once.
func parseFrame(content []byte, kind, id string) ([]byte, error) {
	end := bytes.IndexByte(content[:min(len(content), maxFrameHeader)], '\n')
	if end < 0 {
		return nil, errDamaged
	}
	header, data := string(content[:end+1]), content[end+1:]
	if fields := strings.Fields(header); len(fields) > 1 && fields[0] == frameMagic {
		if v, err := strconv.Atoi(fields[1]); err == nil && v > frameVersion {
			return nil, errFuture
		}
	}
	if header != frameHeader(kind, id, data) {
		return nil, errDamaged
	}
	return data, nil
}

// readFrame reads the frame of a file whose size has been checked.
func readFrame(f *os.File, kind, id string) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	content := make([]byte, info.Size())
	if n, err := f.ReadAt(content, 0); n < len(content) {
		if errors.Is(err, io.EOF) {
			return nil, errDamaged
		}
		return nil, err
	}
	return parseFrame(content, kind, id)
}
