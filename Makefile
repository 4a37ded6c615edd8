# Everything there is to do with this project. A fresh machine needs Go, make and git.
SHELL := /bin/bash -o pipefail
GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
BUILD := CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X dscosync/internal/cli.Version=$(VERSION)"
TOOLS := $(GO) tool -modfile=.ci/tools.mod
# The race detector needs cgo, and cgo a C compiler.
HAVE_CC := $(shell command -v $$($(GO) env CC) >/dev/null 2>&1 && echo yes)
FUZZTIME ?= 10s

.DEFAULT_GOAL := help
.PHONY: help build demo test check bench fuzz lint vuln cover clean

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/dscosync and bin/dscosim
	$(BUILD) -o bin/ ./cmd/...

demo: build ## show a newcomer what happens: a simulated DSCO and ShipStation, one run, the table
	@cmd/dscosim/demo.sh

test: ## every test, with the race detector where there is a C compiler
ifeq ($(HAVE_CC),yes)
	@echo "every fault of every call, without the race detector; then every test with it, and a sixth of those faults"
	CGO_ENABLED=0 $(GO) test -timeout 8m -run MayFail ./internal/stage
	CGO_ENABLED=1 $(GO) test -race -timeout 8m ./...
else
	@echo "no C compiler here: the tests run without the race detector"
	CGO_ENABLED=0 $(GO) test -timeout 8m ./...
endif

check: lint test ## what has to hold before a commit

bench: ## calls, fsyncs, memory and time of pull and status, beside their targets (some minutes)
	$(GO) test -run '^$$' -bench Figures -benchtime 1x -timeout 60m ./cmd/dscosync

fuzz: ## each fuzz target for FUZZTIME (10s)
	@set -e; for f in $$(grep -rl --include=*_test.go '^func Fuzz' internal); do \
	  for t in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' $$f); do \
	    echo "$$t in $$(dirname $$f) for $(FUZZTIME)"; \
	    CGO_ENABLED=0 $(GO) test -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZTIME) ./$$(dirname $$f); \
	  done; done

lint: ## gofmt, vet, staticcheck
	@unformatted=$$(gofmt -l cmd internal); if [ -n "$$unformatted" ]; then echo "gofmt would change: $$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(TOOLS) staticcheck ./...

vuln: ## known vulnerabilities in what is linked in
	$(TOOLS) govulncheck ./...

cover: ## coverage by function
	$(GO) test -coverpkg=./internal/... -coverprofile=cover.out ./...
	$(GO) tool cover -func=cover.out | tail -n 1

clean: ## remove what was built
	rm -rf bin cover.out demo
