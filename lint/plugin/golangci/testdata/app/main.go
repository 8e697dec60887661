package main

import (
	"example.com/app/api"
	"example.com/app/common"
	"example.com/app/pool"
	"example.com/app/reporter"
)

func risky(n int) { println(1 / n) }

func main() {
	go risky(0) // want "goroutine risky has no guard"
	go common.Worker(0)
	go func() {
		defer common.LogOnPanic()
		risky(0)
	}()
	go func() {
		defer reporter.Monitor()
		risky(0)
	}()
	go func() { // want "guard, but too late"
		risky(0)
		defer common.LogOnPanic()
	}()
	var p pool.Pool
	p.Submit(func() { risky(0) }) // want "callback of p.Submit has no guard"
	go risky(1)                   //nolint:lintpanics // golangci-lint's own way
	//lint:ignore lintpanics the analyzer's way
	go risky(2)
	api.HandleOne(0)
}
