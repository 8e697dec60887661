//go:build !go1.26

package panics

import "strconv"

// float is the text of a number, with the seven digits that Go 1.25 prints of any
// number: the crash text of the same panic has no more.
func float(f float64, _ int) string { return strconv.FormatFloat(printed(f), 'g', -1, 64) }

func complexNumber(c complex128, _ int) string {
	return strconv.FormatComplex(complex(printed(real(c)), printed(imag(c))), 'g', -1, 128)
}

// printed rounds f as printfloat does (runtime/print.go of Go 1.25), whose last
// digit is not always the nearest.
func printed(f float64) float64 {
	if f != f || f+f == f {
		return f
	}
	v, exponent, sign := f, 0, "+"
	if v < 0 {
		v, sign = -v, "-"
	}
	for ; v >= 10; v /= 10 {
		exponent++
	}
	for ; v < 1; v *= 10 {
		exponent--
	}
	h := 5.0
	for range 7 {
		h /= 10
	}
	if v += h; v >= 10 {
		v /= 10
		exponent++
	}
	digits := make([]byte, 7)
	for i := range digits {
		digit := int(v)
		digits[i] = byte('0' + digit)
		v = (v - float64(digit)) * 10
	}
	rounded, err := strconv.ParseFloat(sign+string(digits[:1])+"."+string(digits[1:])+"e"+strconv.Itoa(exponent), 64)
	if err != nil {
		return f
	}
	return rounded
}
