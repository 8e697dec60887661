//go:build cgo

package main

// static void fault(void) { *(volatile int *)0 = 1; }
import "C"

func init() { deaths["cgo"] = inC }

func inC() { C.fault() }
