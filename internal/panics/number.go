//go:build go1.26

package panics

import "strconv"

// float is the text of a number of so many bits.
func float(f float64, bits int) string { return strconv.FormatFloat(f, 'g', -1, bits) }

func complexNumber(c complex128, bits int) string { return strconv.FormatComplex(c, 'g', -1, bits) }
