// want: swallowed

// Package swallow recovers its panic, and nobody is told. The guard must run first.
package swallow

import "sync"

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer func() { _ = recover() }()
		panic("boom")
	}()
	wg.Wait()
}
