module github.com/panicreport/sentry

go 1.21
