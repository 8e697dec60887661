package image

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"unsafe"
)

// A mapping is a line of /proc/self/maps:
//
//	00400000-00a00000 r--p 00001000 08:01 1234 /usr/bin/app
type mapping struct {
	from, to uintptr
	mode     string
	file     string // its device and its number; "00:00 0" for none
}

// find returns the mappings of the file from which the byte at is mapped: those
// beside it that are of the same file and can not be written to. On Android, other
// libraries are in the same file, the archive of the app, but not beside it.
func find(at *byte) ([][]byte, error) {
	maps, err := readMaps("/proc/self/maps")
	if err != nil {
		return nil, err
	}
	own := -1
	for i, m := range maps {
		if p := uintptr(unsafe.Pointer(at)); m.from <= p && p < m.to {
			own = i
		}
	}
	if own < 0 || maps[own].file == noFile {
		return nil, errNoFile
	}
	first, last := own, own
	for first > 0 && maps[first-1].file == maps[own].file && maps[first-1].to == maps[first].from {
		first--
	}
	for last+1 < len(maps) && maps[last+1].file == maps[own].file && maps[last+1].from == maps[last].to {
		last++
	}
	var parts [][]byte
	for i := first; i <= last; i++ {
		m := maps[i]
		if m.mode == "r--p" || i == own && m.mode == "r-xp" { // a linker may put data beside code
			begin := (*byte)(unsafe.Add(unsafe.Pointer(at), int(m.from)-int(uintptr(unsafe.Pointer(at)))))
			parts = append(parts, unsafe.Slice(begin, m.to-m.from))
		}
	}
	if len(parts) == 0 || maps[own].mode[1] == 'w' {
		return nil, errNoFile
	}
	return parts, nil
}

const noFile = "00:00 0"

func readMaps(name string) (maps []mapping, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := bytes.Fields(lines.Bytes())
		if len(fields) < 5 {
			continue
		}
		from, to, _ := bytes.Cut(fields[0], []byte("-"))
		begin, err1 := strconv.ParseUint(string(from), 16, 64)
		end, err2 := strconv.ParseUint(string(to), 16, 64)
		if err1 != nil || err2 != nil {
			continue
		}
		maps = append(maps, mapping{uintptr(begin), uintptr(end), string(fields[1]), string(fields[3]) + " " + string(fields[4])})
	}
	return maps, lines.Err()
}
