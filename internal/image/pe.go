package image

import (
	"encoding/binary"
	"unsafe"
)

// The fields of the headers of a PE image that are read here, and the flags of its
// sections.
// https://learn.microsoft.com/windows/win32/debug/pe-format
const (
	peHeaderAt    = 0x3c // in the header of MS-DOS: where that of PE is
	peFirstPage   = 4 << 10
	peSections    = 6  // in the header: how many sections there are
	peOptional    = 20 // how long the optional header is
	peHeader      = 24 // and where it begins
	peImageSize   = 56 // in the optional header
	peSectionSize = 40

	peInitialized = 0x00000040
	peCode        = 0x00000020
	peWrite       = 0x80000000
)

// sectionsPE returns the sections with read-only data of the image whose header is
// at base, in memory. It is an error if none of them has the byte at offset.
func sectionsPE(base *byte, offset int) ([][]byte, error) {
	first := unsafe.Slice(base, peFirstPage) // the headers
	at := int(binary.LittleEndian.Uint32(first[peHeaderAt:]))
	if string(first[:2]) != "MZ" || at < 0 || at > peFirstPage-peHeader-peImageSize-4 || string(first[at:at+4]) != "PE\x00\x00" {
		return nil, errMalformed
	}
	header := first[at:]
	sections := int(binary.LittleEndian.Uint16(header[peSections:]))
	optional := int(binary.LittleEndian.Uint16(header[peOptional:]))
	size := int(binary.LittleEndian.Uint32(header[peHeader+peImageSize:]))
	table := peHeader + optional
	if offset < 0 || offset >= size || at+table+sections*peSectionSize > peFirstPage {
		return nil, errMalformed
	}
	image := unsafe.Slice(base, size)
	var parts [][]byte
	found := false
	for n := range sections {
		s := header[table+n*peSectionSize:]
		length, from := int(binary.LittleEndian.Uint32(s[8:])), int(binary.LittleEndian.Uint32(s[12:]))
		flags := binary.LittleEndian.Uint32(s[36:])
		if flags&peInitialized == 0 || flags&(peWrite|peCode) != 0 || from < 0 || length < 0 || from+length > size {
			continue
		}
		parts = append(parts, image[from:from+length:from+length])
		found = found || from <= offset && offset < from+length
	}
	if !found {
		return nil, errNoFile
	}
	return parts, nil
}
