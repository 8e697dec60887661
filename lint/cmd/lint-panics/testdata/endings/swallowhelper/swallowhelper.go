// want: swallowed

// Package swallowhelper has the function that recovers in a loop.
package swallowhelper

import "sync"

func quiet() {
	if r := recover(); r != nil {
		println("recovered")
	}
}

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for _, f := range []func(){quiet, quiet} {
			defer f()
		}
		panic("boom")
	}()
	wg.Wait()
}
