# make test and make demo need Go, make and git, and nothing else.

# Modules besides the core, each with tests of its own.
MODULES   := examples examples/frameworks bench bench/peers lint lint/plugin lint/plugin/golangci
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64 \
             android/amd64 android/arm64 ios/amd64 ios/arm64 freebsd/amd64 freebsd/arm64 \
             linux/386 linux/arm windows/386 android/arm linux/mips64 aix/ppc64 plan9/amd64 js/wasm wasip1/wasm
# The race detector needs a C compiler: go env tells whether there is one.
RACE      := $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)
# Our own goroutines can not report to ourselves: this contains their panics.
GUARDS    := github.com/panicreport/sentry/internal/contain.Panic
# Before Go 1.27, fuzzing may fail for no reason when its time is over (go.dev/issue/75804).
FUZZ      := GOTOOLCHAIN=go1.27.4 go test -run '^$$' -fuzztime 60s -fuzzminimizetime 10x
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: all build test race modules versions emulated windows machine stress demo lint codebases bench cross e2e

all: build test lint

build:
	go build ./...

# Many tests wait for processes, more than there are processors.
test:
	go test -parallel 4 ./...

# The same with the race detector, which takes half as long again.
race:
	$(if $(RACE),go test $(RACE) -parallel 4 ./...,@echo there is no C compiler, and no race detector without one)

modules:
	@set -e; for m in $(MODULES); do echo "== $$m"; (cd $$m && go test ./...); done

# Other versions of Go, other platforms, a machine to kill: each script says what it needs.
versions emulated windows machine:
	.ci/$@

stress:
	SENTRY_STRESS=1 go test $(RACE) -timeout 30m -count=1 . ./internal/image ./internal/traceback ./internal/lifetime ./internal/scrub/texts
	.ci/versions all
	SENTRY_STRESS=1 SPOOL_STRESS=1 go test -timeout 10m -run 'TestKill|TestPlanted' ./internal/spool
	@set -e; for f in scrub/texts:FuzzText scrub/texts:FuzzPlanted scrub:FuzzEvent scrub:FuzzJSON words:FuzzOwn spool:FuzzDirectory \
		envelope:FuzzParse traceback:FuzzParse traceback:FuzzHeader monitor:FuzzOutput; do \
		$(FUZZ) -fuzz "^$${f#*:}$$" ./internal/$${f%:*}; done
	$(FUZZ) -fuzz FuzzParseEnvelope ./sentrytest
	cd lint && go test ./lintpanics -run Mutations -mutations=15000 && go test ./cmd/lint-panics -run FixedGoEthereum -stress=30

demo:
	@cd examples && go run ./demo

lint:
	@files=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$files" || { echo "gofmt -w these: $$files"; exit 1; }
	@set -e; for m in . e2e $(MODULES); do echo "== vet $$m"; (cd $$m && go vet ./... && go run $(STATICCHECK) ./...); done
	cd lint && go build -o ../bin/lint-panics ./cmd/lint-panics
	bin/lint-panics -guards $(GUARDS) ./...
	@# 3 is a vulnerability that the code reaches; 1 is, above all, a database that can not be reached.
	GOBIN=$(CURDIR)/bin go install $(GOVULNCHECK)
	@set -e; for m in . e2e $(MODULES); do echo "== govulncheck $$m"; \
		(cd $$m && $(CURDIR)/bin/govulncheck ./...) || test $$? -eq 1; done

# The linter on projects of others, at pinned versions: an hour, and the network.
codebases:
	cd lint && go test ./cmd/lint-panics -run TestCodeBases -codebases=all -update -v -timeout 3h

# Real Sentry servers, of Python and npm packages; E2E_REQUIRED=1 wants them all.
e2e:
	cd e2e && go test -count=1 ./...

# Beside the peers, into bench/RESULTS.md; and then with -count, for benchstat.
bench:
	cd bench/peers && go run .
	cd bench && go test -run '^$$' -bench . -benchmem -count 6

# A program for ios or most of android, tests included, needs the platform's C
# compiler, and the tests need a file system and processes; the packages do not.
cross:
	@set -e; for p in $(PLATFORMS); do echo "== $$p"; export CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/}; \
		case $$p in linux/[a3]* | darwin/* | windows/* | freebsd/* | android/arm64) go vet ./... ;; \
		*) go build . ./sentrytest ;; esac; done
