# possim: what a developer types. `make help` lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Debian packages that a test talks to, each with the command, or the file, that proves it is there.
NEEDS := socat:socat sqlite3:sqlite3 postgresql:/usr/lib/postgresql/15/bin/initdb haproxy:/usr/sbin/haproxy docker-compose:docker-compose tshark:tshark pcscd:pcscd pcsc-tools:pcsc_scan opensc:opensc-tool cardpeek:cardpeek \
	vsmartcard-vpcd:/usr/lib/pcsc/drivers/serial/libifdvpcd.so python3-pyscard:/usr/lib/python3/dist-packages/smartcard/scard/__init__.py \
	libxml2-utils:xmllint perl:prove libxkbcommon-tools:xkbcli libccid:/usr/lib/pcsc/drivers/serial/libccidtwin.so
FUZZTIME ?= 60s

.PHONY: help test need vet cross race bench bench-page bench-all growth fuzz soak build

help: ## what there is to make
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

test: need vet cross ## everything CI checks: install what tests need, vet, cross-compile, test, race
	go test ./...
	$(MAKE) --no-print-directory race

need: ## install what the tests talk to (Debian, as root); elsewhere say what is missing
	@./.ci/need $(NEEDS)

vet: ## gofmt and go vet
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt these: $$unformatted"; exit 1; fi
	go vet ./...

cross: ## it compiles for macOS and Windows
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go build -o /dev/null ./cmd/possim
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -o /dev/null ./cmd/possim

# What plays the whole catalog several times over is left out of it: TestCatalogPasses does so once.
OVER_AND_OVER := ^(TestSameSeedSameBytes|TestDialects|TestCatalogReplays|TestSchemaIsTheParser)$$

race: ## the packages that share anything between goroutines, under the race detector
	go test -race -skip '$(OVER_AND_OVER)' ./host/... ./reader/pcsc ./reader/serialport ./reader/vpcd/... ./scenarios/...

build: ## the possim binary, stripped, in dist/
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o dist/possim ./cmd/possim

bench: ## the table of what things cost, each beside its floor, into dist/bench.md (some four minutes)
	@go test ./cmd/possim -count 1 -timeout 30m -run '^TestBenchTable$$' -table $(CURDIR)/dist/bench.md $(BENCH)
	@cat dist/bench.md

bench-page: ## the same, into docs/performance.md
	@$(MAKE) --no-print-directory bench BENCH='-page $(CURDIR)/docs/performance.md'

bench-all: ## every benchmark there is
	go test -run '^$$' -bench . -benchmem ./...

growth: ## ten million postings into one book, and what a commit costs in a large one (half an hour, 12 GB)
	go test ./host/sqlite -run 'TestGrowth|TestCost' -growth 10000000 -timeout 3h -v

soak: ## a day's 100,000 swipes through a pseudo-terminal at three readers, one after the other (an hour)
	nice go test ./reader/pty -run TestManySwipes -soak 100000 -timeout 3h -v

fuzz: ## every fuzz target for FUZZTIME (60s) each
	@./.ci/fuzz $(FUZZTIME)
