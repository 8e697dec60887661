//go:build !linux

package main

import (
	"errors"
	"runtime"
)

func prepare() error {
	return errors.New("it reads /proc as Linux has it, and can not measure on " + runtime.GOOS)
}
