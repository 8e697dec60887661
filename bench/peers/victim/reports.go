package main

import (
	"errors"
	"time"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

var errReport = errors.New("the panic of a report")

// deep panics below n frames: a real panic has a stack.
//
//go:noinline
func deep(n int) int {
	if n == 0 {
		panic(errReport)
	}
	return deep(n-1) + 1
}

// reportMany reports n panics that the program survives, one after the other.
func reportMany(lib library, n int) (o protocol.Outcome) {
	one := func() {
		defer func() { _ = recover() }()
		defer lib.guard()
		deep(10)
	}
	one() // the connection, and what is made once
	o.Allocations, o.Bytes = allocated(func() {
		for range n {
			began := time.Now()
			one()
			o.Times = append(o.Times, time.Since(began))
		}
	})
	o.Allocations /= float64(n)
	o.Bytes /= float64(n)
	return o
}
