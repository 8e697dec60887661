package names

import (
	report "github.com/panicreport/sentry"
)

func aliased(n int) {
	defer report.Go(nil)
	go func() { println(1 / n) }()
}
