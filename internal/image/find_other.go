//go:build !linux && !windows && !darwin

package image

import "errors"

var errUnsupported = errors.New("this platform does not tell where it is")

// find has nobody to ask.
func find(*byte) ([][]byte, error) { return nil, errUnsupported }
