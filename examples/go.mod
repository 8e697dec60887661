module github.com/panicreport/sentry/examples

go 1.25.0

require (
	github.com/getsentry/sentry-go v0.50.0
	github.com/panicreport/sentry v0.0.0
	github.com/robfig/cron/v3 v3.0.1
	github.com/spf13/cobra v1.10.2
	github.com/stretchr/testify v1.12.1
	golang.org/x/sync v0.22.0
)

require (
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)

replace github.com/panicreport/sentry => ../

tool github.com/panicreport/sentry/cmd/sentry-params
