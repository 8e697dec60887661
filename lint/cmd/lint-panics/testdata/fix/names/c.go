package names

import . "github.com/panicreport/sentry"

func dotted(n int) {
	Go(nil)
	go func() { println(1 / n) }()
}
