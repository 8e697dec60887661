//go:build linux && !(mips || mipsle || mips64 || mips64le)

package monitor

import "syscall"

const stackFault = syscall.SIGSTKFLT

// maskSize is the size of a mask of signals, in bytes.
const maskSize = 8
