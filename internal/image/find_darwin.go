package image

import "unsafe"

// step is the size of the smallest page: a header begins at one.
const step = 4 << 10

// find returns the sections of the image that the byte at is in. The header of the
// image is at its beginning: the segments with code and read-only data come behind
// it, without a gap.
func find(at *byte) ([][]byte, error) {
	address := int(uintptr(unsafe.Pointer(at)))
	const furthest = 1 << 30 // no image is so large
	for back := address % step; back < furthest && back < address; back += step {
		header := (*byte)(unsafe.Add(unsafe.Pointer(at), -back))
		if *(*uint32)(unsafe.Pointer(header)) == magicMachO {
			return sectionsMachO(header, back)
		}
	}
	return nil, errMalformed
}
