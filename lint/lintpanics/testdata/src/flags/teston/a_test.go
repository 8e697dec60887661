package teston

import (
	"testing"

	"github.com/panicreport/sentry"
)

func risky() { panic("x") }

func TestBad(t *testing.T) { // want `test TestBad has no guard`
	t.Run("a", func(t *testing.T) { risky() }) // want `callback of t.Run has no guard`
	t.Run("b", func(t *testing.T) {
		defer sentry.Recover()
		risky()
	})
	go risky() // want `goroutine risky has no guard`
}

func TestGood(t *testing.T) {
	defer sentry.Recover()
	risky()
}

func BenchmarkBad(b *testing.B) { risky() }                                          // want `test BenchmarkBad has no guard`
func FuzzBad(f *testing.F)      { f.Fuzz(func(t *testing.T, b []byte) { risky() }) } // want `test FuzzBad has no guard` `callback of f.Fuzz has no guard`
func testNot(n int)             { risky() }
func TestEmpty(t *testing.T)    {}
