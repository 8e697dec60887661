package teston

import (
	"sync"
	"testing"

	"github.com/panicreport/sentry"
)

func risky() { panic("x") }

func TestBad(t *testing.T) { // the testing package names it
	t.Run("a", func(t *testing.T) { risky() })
	go risky()  // ends the process, for all to see
	go func() { // want `goroutine recovers a panic and does not report it on every path`
		defer func() { _ = recover() }()
		risky()
	}()
	go func() { // want `goroutine has a guard, but too late`
		risky()
		defer sentry.Recover()
	}()
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer sentry.Recover()
		defer wg.Done() // want `wg.Done\(\) runs before the guard`
		risky()
	}()
	wg.Wait()
}

func BenchmarkBad(b *testing.B) { risky() }
func FuzzBad(f *testing.F)      { f.Fuzz(func(t *testing.T, b []byte) { risky() }) }
