# Everything there is to do with this project. A fresh machine needs Go, make and git.
SHELL := /bin/bash -o pipefail
GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
# One way to compile for all there is, so that each package is compiled once; but for the race detector, which needs cgo.
export CGO_ENABLED := 0
export GOFLAGS += -trimpath
BUILD := $(GO) build -ldflags "-s -w -X dscosync/internal/cli.Version=$(VERSION)"
TOOLS := $(GO) tool -modfile=.ci/tools.mod
# The race detector needs cgo, and cgo a C compiler.
HAVE_CC := $(shell command -v $$($(GO) env CC) >/dev/null 2>&1 && echo yes)
FUZZ ?= 50000
# How long `make soak` is, and what it shows of what the tests print.
KILLS ?= 1000
DAYS ?= 15
STORMS ?= 50
NTH ?= 1
PAIRS ?= 1000
LIVES ?= 10000
ORDERS ?= 10000
SPOILT ?= 200
SEED ?= $(shell date +%s)
# Tests of the program as a process of its own.
PROCESSES := Killed|Interrupted|RemotesThat|Overlap|StatusBeside|Canaries|NoPoint|NoRoom|Schemas|Newcomer|Installed|Units|ProgramFigures
FIGURES := grep -Ev '^ *(=== |--- (PASS|SKIP).*/)'
# Where `make install` puts things: below $(DESTDIR)$(PREFIX).
PREFIX ?= /usr/local
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
# A version that Debian can compare: the tag, else the date of the last commit.
DEB_VERSION ?= $(shell git describe --tags --exact-match 2>/dev/null | sed -n 's/^v\([0-9]\)/\1/p' | grep . || git log -1 --date=format:%Y%m%d%H%M%S --format=0~git%cd.%h)
DEB_ARCH ?= $(shell $(GO) env GOARCH)
DEB_MAINTAINER ?= The dscosync authors <dscosync@localhost>
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help build install deb demo test check bench soak fuzz lint vuln cover clean

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/dscosync and bin/dscosim
	$(BUILD) -o bin/ ./cmd/...

bin/dscosync:
	$(MAKE) build

install: bin/dscosync ## bin/dscosync, its manual, completions, examples and units, below DESTDIR and PREFIX (/usr/local)
	@set -e; to="$(DESTDIR)$(PREFIX)"; doc="$$to/share/doc/dscosync"; unit="$$to/lib/systemd/system"; zsh="$(DESTDIR)$(ZSHDIR)"; \
	man="$$to/share/man/man1"; bash="$$to/share/bash-completion/completions"; fish="$$to/share/fish/vendor_completions.d"; \
	install -d "$$to/bin" "$$man" "$$bash" "$$zsh" "$$fish" "$$doc/examples" "$$unit"; \
	install -m 0755 bin/dscosync "$$to/bin/"; \
	rm -f "$$man"/dscosync*.1.gz; \
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) bin/dscosync man "$$man"; gzip -9nf "$$man"/dscosync*.1; \
	bin/dscosync completion bash >"$$bash/dscosync"; \
	bin/dscosync completion zsh >"$$zsh/_dscosync"; \
	bin/dscosync completion fish >"$$fish/dscosync.fish"; \
	install -m 0644 README.md "$$doc/"; install -m 0644 LICENSE "$$doc/copyright"; \
	install -m 0644 configs/*.example* "$$doc/examples/"; install -m 0644 configs/dscosync.service configs/dscosync.timer "$$unit/"; \
	sed -i 's|/usr/local/bin/dscosync|$(PREFIX)/bin/dscosync|g' "$$doc"/examples/* "$$unit"/dscosync.*; \
	chmod 0644 "$$man"/dscosync* "$$bash/dscosync" "$$zsh/_dscosync" "$$fish/dscosync.fish"; \
	case "$(DESTDIR)" in "") echo "dscosync is in $$to/bin; next: its user and folders, then dscosync config init (README, Install and Settings)";; esac

deb: build ## bin/dscosync_VERSION_ARCH.deb, the same as a Debian package
	rm -rf bin/deb bin/dscosync_*.deb
	@umask 022; $(MAKE) --no-print-directory install DESTDIR=bin/deb PREFIX=/usr ZSHDIR=/usr/share/zsh/vendor-completions
	DEB_VERSION="$(DEB_VERSION)" DEB_ARCH="$(DEB_ARCH)" DEB_MAINTAINER="$(DEB_MAINTAINER)" SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) \
	  $(TOOLS) nfpm package --config configs/deb/nfpm.yaml --packager deb --target bin/

demo: build ## show a newcomer what happens: a simulated DSCO and ShipStation, one run, the table
	@cmd/dscosim/demo.sh

# Where files are in memory, so that thousands of ledgers cost no disk; else where they always are. What is built there may
# not be allowed to run, so go builds in GOTMPDIR, which the tests must not see: their files would be there, too.
MEMORY := $(shell test -w /dev/shm && echo /dev/shm || echo $${TMPDIR:-/tmp})

# What enumerates or measures: minutes under the race detector, which learns nothing more from it. No test of another
# package than these two and cmd/dscosync may have such a name: make lint looks.
LONG := MayFail|Model|Pairs?Of|Storm|Soak|Figures|TestSize|KilledCare|KilledMigration|Damage|LongFreelist|AmongMany|UnderALimit|TestFlat|PruneIsCheap|TestRandom$$|ComesTwice|TestALostLedger|TestSearch$$|NoneIsSkipped

# Tests have memory to spare: with more garbage between two collections they take a quarter less time. Not so the program
# itself, whose memory is measured.
ROOMY := GOGC=400
IN_MEMORY := $(ROOMY) GOTMPDIR=$${TMPDIR:-/tmp} TMPDIR=$(MEMORY) $(GO) test -vet=off -exec 'env -u GOTMPDIR'

test: ## every test, with the race detector where there is a C compiler
ifeq ($(HAVE_CC),yes)
	@echo "without the race detector: kills, every fault of every call, the model, pairs, storm, soak and shifting lists; then all the others with it"
	$(IN_MEMORY) -timeout 10m -run '$(LONG)' ./internal/stage ./internal/ledger
	$(GO) test -vet=off -parallel 4 -timeout 8m -run '$(PROCESSES)|Figures' ./cmd/dscosync
	$(ROOMY) CGO_ENABLED=1 $(GO) test -vet=off -race -parallel 4 -timeout 8m -skip '$(LONG)' ./...
else
	@echo "no C compiler here: the tests run without the race detector"
	$(GO) test -vet=off -timeout 10m ./...
endif

check: lint test ## what has to hold before a commit

bench: ## calls, fsyncs, memory and time of pull and status, beside their targets (some minutes)
	$(GO) test -run '^$$' -bench Figures -benchtime 1x -timeout 60m ./cmd/dscosync

soak: ## the proof at length (about an hour): KILLS=1000 kills, DAYS=15 days over each night of the clock change
	SEED=$(SEED) FETCH=1 KILLS=$(KILLS) TERMS=200 POINTS=all CALLS=all ROUNDS=100 STATUS=500 \
	  $(GO) test -count=1 -v -timeout 3h -run '$(PROCESSES)' ./cmd/dscosync | $(FIGURES)
	SEED=$(SEED) DAYS=$(DAYS) STORMS=$(STORMS) NTH=$(NTH) PAIRS=$(PAIRS) LIVES=$(LIVES) ORDERS=$(ORDERS) \
	  $(IN_MEMORY) -count=1 -v -timeout 3h -run 'TestSoak|TestStorm|TestModel|Pairs?Of|NoneIsSkipped' ./internal/stage | $(FIGURES)
	SPOILT=$(SPOILT) $(IN_MEMORY) -count=1 -v -timeout 1h -run 'TestDamage$$|KilledMigration' ./internal/ledger | $(FIGURES)

# By number of inputs, not by time: when its time is over, go test may call that a failure (context deadline exceeded).
# Hardly any minimizing, which on a machine that never fuzzed takes all of the time and leaves a handful of new inputs.
fuzz: ## each fuzz target with FUZZ=50000 inputs
	@set -e; for f in $$(grep -rl --include=*_test.go '^func Fuzz' internal); do \
	  for t in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' $$f); do \
	    echo "$$t in $$(dirname $$f) with $(FUZZ) inputs"; \
	    $(GO) test -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZ)x -fuzzminimizetime 10x ./$$(dirname $$f); \
	  done; done

lint: ## gofmt, vet, staticcheck; and that make test leaves no test out
	@unformatted=$$(gofmt -l cmd internal); if [ -n "$$unformatted" ]; then echo "gofmt would change: $$unformatted"; exit 1; fi
	@tests() { find cmd internal -name '*_test.go' | grep -E "$$@" | xargs sed -nE 's/^func (Test[^(]*).*/\1/p'; }; \
	never=$$({ tests -v '^(internal/(stage|ledger)|cmd/dscosync)/'; tests '^cmd/dscosync/' | grep -Ev '$(PROCESSES)|Figures'; } | grep -E '$(LONG)'); \
	if [ -n "$$never" ]; then echo "make test would not run these (see LONG): $$never"; exit 1; fi
	$(GO) vet ./...
	$(TOOLS) staticcheck ./...

vuln: ## known vulnerabilities in what is linked in
	$(TOOLS) govulncheck ./...

# Of the long tests those that let each call fail; none that runs the program as it is built, for that counts nothing. What
# scripts run is this program's test binary, which does.
cover: ## what tests reach of internal/, by package; fails below 85 % of all, or 100 % of internal/order
	$(IN_MEMORY) -timeout 10m -skip '$(subst MayFail|,,$(LONG))' \
	  -coverpkg=./internal/... -coverprofile=cover.out ./internal/... | sed 's/coverage:.*//'
	$(GO) test -vet=off -parallel 4 -timeout 8m -skip '$(PROCESSES)|Figures' -coverpkg=./internal/... -coverprofile=cover.cmd.out ./cmd/... | sed 's/coverage:.*//'
	@tail -n +2 cover.cmd.out >>cover.out; rm cover.cmd.out
	@awk '!/^mode:/ { of[$$1] = $$2; hit[$$1] += $$3 } \
	  END { for (b in of) { p = b; sub("/[^/]*$$", "", p); all[p] += of[b]; sum += of[b]; if (hit[b]) { got[p] += of[b]; reached += of[b] } } \
	    for (p in all) if (all[p]) printf "%5.1f %%  %s\n", 100 * got[p] / all[p], p | "sort -k 3"; close("sort -k 3"); \
	    printf "%5.1f %%  of %d statements\n", 100 * reached / sum, sum; p = "dscosync/internal/order"; \
	    if (reached < 0.85 * sum || got[p] < all[p]) { print "too little: 85 % of all, 100 % of " p; exit 1 } }' cover.out

clean: ## remove what was built
	rm -rf bin cover*.out demo
