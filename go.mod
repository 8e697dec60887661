module github.com/panicreport/sentry

go 1.25.0

require (
	github.com/getsentry/sentry-go v0.50.0
	github.com/stretchr/testify v1.12.1
	// Only the tests: no goroutine may be left after Close.
	go.uber.org/goleak v1.3.0
	// LockFileEx: on Windows the standard library locks no files. sentry-go requires it too.
	golang.org/x/sys v0.47.0
)

require (
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.41.0 // indirect
)
