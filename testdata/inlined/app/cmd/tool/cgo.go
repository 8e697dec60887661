//go:build cgo

package main

// static int one(void) { return 1; }
import "C"

func init() {
	// The file of this closure is named by a line directive of cgo's.
	value := inInit
	inInit = func() { _ = C.one(); value() }
}
