module example.com/libraries

go 1.26.0

require (
	example.com/libraries/dependency v0.0.0
	github.com/alitto/pond v1.9.2
	github.com/alitto/pond/v2 v2.7.1
	github.com/bytedance/gopkg v0.1.4
	github.com/gammazero/workerpool v1.3.0
	github.com/oklog/run v1.2.0
	github.com/panicreport/sentry v0.0.0
	github.com/panjf2000/ants/v2 v2.12.1
	github.com/robfig/cron/v3 v3.0.1
	github.com/sourcegraph/conc v0.3.0
	golang.org/x/sync v0.24.0
	gopkg.in/tomb.v2 v2.0.0-20161208151619-d5d1b5820637
	k8s.io/apimachinery v0.37.2
)

require (
	github.com/gammazero/deque v1.2.2 // indirect
	github.com/go-logr/logr v1.4.3 // indirect
	go.uber.org/atomic v1.7.0 // indirect
	go.uber.org/multierr v1.9.0 // indirect
	golang.org/x/net v0.57.0 // indirect
	k8s.io/klog/v2 v2.140.0 // indirect
	k8s.io/utils v0.0.0-20260626114624-be93311217bd // indirect
)

replace (
	example.com/libraries/dependency => ./dependency
	github.com/panicreport/sentry => ./panicreport
)
