module example.com/libraries/dependency

go 1.26

require github.com/panicreport/sentry v0.0.0
