package names

import _ "github.com/panicreport/sentry"

func shadowed(n int) {
	sentry := n
	go func() { println(1 / sentry) }()
}
