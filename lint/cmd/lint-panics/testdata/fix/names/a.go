package names

import (
	"example.com/fix/other/sentry"
)

func taken(n int) {
	go func() { sentry.Flush(n) }()
}
