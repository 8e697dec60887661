package image

import (
	"syscall"
	"unsafe"
)

// memoryBasicInformation is the MEMORY_BASIC_INFORMATION of VirtualQuery.
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-memory_basic_information
type memoryBasicInformation struct {
	baseAddress       uintptr
	allocationBase    uintptr
	allocationProtect uint32
	partitionID       uint16
	regionSize        uintptr
	state             uint32
	protect           uint32
	kind              uint32
}

// memImage is the kind of memory that is mapped from an executable or a library.
const memImage = 0x1000000

// find returns the sections of the module that the byte at is in.
func find(at *byte) ([][]byte, error) {
	query := syscall.NewLazyDLL("kernel32.dll").NewProc("VirtualQuery")
	if err := query.Find(); err != nil {
		return nil, err
	}
	var info memoryBasicInformation
	n, _, err := query.Call(uintptr(unsafe.Pointer(at)), uintptr(unsafe.Pointer(&info)), unsafe.Sizeof(info))
	if n == 0 {
		return nil, err
	}
	if info.kind != memImage {
		return nil, errNoFile
	}
	offset := int(uintptr(unsafe.Pointer(at)) - info.allocationBase)
	return sectionsPE((*byte)(unsafe.Add(unsafe.Pointer(at), -offset)), offset)
}
