package starters

import (
	"flags/pool"

	"github.com/panicreport/sentry"
)

func risky(n int) { println(1 / n) }

func good(n int) {
	defer sentry.Recover()
	risky(n)
}

func use(p *pool.Pool, s pool.Submitter) {
	p.Submit(risky) // want `callback of p.Submit risky has no guard`
	p.Submit(good)
	p.Submit(func(n int) { risky(n) }) // want `callback of p.Submit has no guard`
	p.Submit(func(n int) { defer sentry.Recover(); risky(n) })
	s.Submit(risky)                    // want `callback of s.Submit risky has no guard`
	pool.Every(3, func() { risky(0) }) // want `callback of pool.Every has no guard`
	pool.Every(3, func() {})
	pool.Other(func() { risky(0) }) // reported where it is started
}
