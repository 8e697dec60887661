//go:build linux && (mips || mipsle || mips64 || mips64le)

package monitor

import "syscall"

// stackFault is SIGSTKFLT, which these do not have. SIGEMT, which the others do not
// have, is no signal of the program's either.
const stackFault = syscall.SIGEMT

// maskSize is the size of a mask of signals, in bytes: there are 128 signals here.
const maskSize = 16
