package traceback

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// legible returns the value of a panic without what differs from run to run, or
// from one version of Go to the next:
//
//	(main.T) 0xc000012120           → (main.T)
//	+1.500000e+000                  → 1.5
//	main.temperature(-2.700000e+001) → main.temperature(-27)
//	(+1.000000e+000+2.000000e+000i) → (1+2i)
//
// The runtime prints the address of a value that it shows by its type only. It
// prints numbers in the long form before Go 1.26. A program that panics with a
// string of that form is not worth another rule.
func legible(value string) string {
	if f := longFloat().FindStringSubmatch(value); f != nil {
		return f[1] + short(f[2]) + f[3]
	}
	if c := longComplex().FindStringSubmatch(value); c != nil {
		im := short(c[3])
		if im[0] != '+' && im[0] != '-' {
			im = "+" + im
		}
		return c[1] + short(c[2]) + im + c[4]
	}
	return withoutAddress(value)
}

// These are the forms of printfloat and printcomplex (runtime/print.go of Go 1.25).
// The name of a type may be around them.
var (
	longFloat = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^((?:[^\s()]+\()?)([+-]\d\.\d{6}e[+-]\d{3})(\)?)$`)
	})
	longComplex = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([^\s()]*\()([+-]\d\.\d{6}e[+-]\d{3}|NaN|[+-]Inf)([+-]\d\.\d{6}e[+-]\d{3}|NaN|[+-]Inf)(i\))$`)
	})
)

// short returns a number in the form of Go 1.26, which is the shortest that tells it
// from its neighbours.
func short(number string) string {
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// withoutAddress removes the address from a value that the runtime prints with its
// type only. The address differs from run to run.
//
//	(main.T) 0xc000012120
func withoutAddress(value string) string {
	i := strings.LastIndex(value, ") 0x")
	if i < 0 || value[0] != '(' {
		return value
	}
	if _, rest, ok := hexadecimal([]byte(value[i+2:])); !ok || len(rest) > 0 {
		return value
	}
	return value[:i+1]
}
