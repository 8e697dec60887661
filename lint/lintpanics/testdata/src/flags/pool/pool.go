// Package pool starts goroutines: -starters flags/pool.Pool.Submit:0,…
package pool

type Pool struct{}

func (p *Pool) Submit(f func(int)) { go f(1) }

type Submitter interface{ Submit(f func(int)) }

func Every(n int, f func()) {
	go f()
	go func() { f() }() // want `goroutine has no guard: .* a call of a parameter`
}

func Other(f func()) {
	go f() // want `goroutine runs a parameter`
}

func Changed(f func()) {
	f = other
	go f() // want `goroutine runs a parameter`
}

func other() { panic("x") }
