package image

import (
	"encoding/binary"
	"strings"
	"unsafe"
)

// The fields of a Mach-O header of 64 bits that are read here.
// https://github.com/apple-oss-distributions/xnu/blob/main/EXTERNAL_HEADERS/mach-o/loader.h
const (
	magicMachO      = 0xfeedfacf
	machoHeader     = 32
	machoCommands   = 16 // in the header: how many commands there are
	machoSegment    = 0x19
	machoSegmentLen = 72
	machoSectionLen = 80
	machoCode       = 0x80000400 // the attributes of a section with code
	maxCommands     = 64 << 10   // bytes; those of a program have a few kilobytes
)

// sectionsMachO returns the sections with read-only data of the image whose header
// is at base, in memory. It is an error if none of them has the byte at offset.
func sectionsMachO(base *byte, offset int) ([][]byte, error) {
	header := unsafe.Slice(base, machoHeader)
	count := int(binary.LittleEndian.Uint32(header[machoCommands:]))
	length := int(binary.LittleEndian.Uint32(header[machoCommands+4:]))
	if length <= 0 || length > maxCommands {
		return nil, errMalformed
	}
	commands := unsafe.Slice(base, machoHeader+length)[machoHeader:]
	var sections []machoSection
	text := uint64(0) // the address of the header in the file
	for ; count > 0 && len(commands) >= 8; count-- {
		size := int(binary.LittleEndian.Uint32(commands[4:]))
		if size < 8 || size > len(commands) {
			return nil, errMalformed
		}
		if c := commands[:size]; binary.LittleEndian.Uint32(c) == machoSegment && size >= machoSegmentLen {
			name := cString(c[8:24])
			if name == "__TEXT" {
				text = binary.LittleEndian.Uint64(c[24:])
			}
			if name == "__TEXT" || name == "__DATA_CONST" {
				sections = append(sections, sectionsOf(c)...)
			}
		}
		commands = commands[size:]
	}
	var parts [][]byte
	found := false
	for _, s := range sections {
		from := int(s.address - text)
		if s.address < text || s.size > maxSection {
			return nil, errMalformed
		}
		parts = append(parts, unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(base), from)), int(s.size)))
		found = found || from <= offset && offset < from+int(s.size)
	}
	if !found {
		return nil, errNoFile
	}
	return parts, nil
}

const maxSection = 1 << 30 // bytes; no image is so large

type machoSection struct{ address, size uint64 }

// sectionsOf returns the sections of a segment that have no code.
func sectionsOf(segment []byte) (list []machoSection) {
	count := int(binary.LittleEndian.Uint32(segment[64:]))
	for s := segment[machoSegmentLen:]; count > 0 && len(s) >= machoSectionLen; count-- {
		if flags := binary.LittleEndian.Uint32(s[64:]); flags&machoCode == 0 {
			list = append(list, machoSection{binary.LittleEndian.Uint64(s[32:]), binary.LittleEndian.Uint64(s[40:])})
		}
		s = s[machoSectionLen:]
	}
	return list
}

func cString(b []byte) string {
	name, _, _ := strings.Cut(string(b), "\x00")
	return name
}
