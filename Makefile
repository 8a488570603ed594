# Grotto. `make run` starts a meeting server on http://localhost:8080, `make test` runs every test.
# Prerequisites: Go 1.26 and Node 20. What else a target needs it installs, or names.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
export CGO_ENABLED ?= 0
# As releases are built: so everything is compiled once, for them, for us and for tests.
export GOFLAGS := $(GOFLAGS) -trimpath
# A clone that belongs to another user, as in a container, is still ours to read: git, and go through it, refuse it otherwise.
export GIT_CONFIG_COUNT := 1
export GIT_CONFIG_KEY_0 := safe.directory
export GIT_CONFIG_VALUE_0 := $(CURDIR)

VERSION ?= $(shell git describe --always --dirty 2>/dev/null || echo unknown)
GO_SOURCES := $(shell find . -name '*.go' -not -path './web/node_modules/*') go.mod go.sum
WEB_SOURCES := $(shell find web/src web/build web/embed web/public -type f 2>/dev/null) web/index.html web/admin.html web/package.json web/vite.config.ts
LDFLAGS := -s -w -X main.version=$(VERSION)
# Olm by mautrix's own code in Go, for what speaks Matrix: without the tag it would want a library in C, so such code is left out.
TAGS := -tags goolm

.PHONY: run build client servers release reproduce test test-keys test-others test-go test-web test-browsers check generate fuzz soak bench tools clean

run: build
	@exec bin/grotto-server $(ARGS)

build: bin/grotto-server bin/grotto

bin/grotto-server: $(GO_SOURCES) web/dist/index.html
	go build $(TAGS) -ldflags '$(LDFLAGS)' -o $@ ./cmd/server

bin/grotto: $(GO_SOURCES)
	go build $(TAGS) -ldflags '$(LDFLAGS)' -o $@ ./cmd/client

# The key engine: olmkeys as WebAssembly, for the browser's worker.
web/engine/engine.wasm: $(GO_SOURCES)
	@mkdir -p web/engine
	GOOS=js GOARCH=wasm go build -ldflags '-s -w' -o $@ ./web/wasm
	cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" web/engine/

web/node_modules/.installed: web/package.json web/package-lock.json
	cd web && npm ci --engine-strict --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.installed web/engine/engine.wasm $(WEB_SOURCES)
	cd web && npm run --silent build

# The call without its page, as an npm package.
client: web/client/grotto-client.tgz

web/client/grotto-client.tgz: web/dist/index.html web/build/client.mjs web/client/manifest.json web/client/README.md
	cd web && node build/client.mjs

# What others install, for both architectures, into build/release.
release: build
	VERSION='$(VERSION)' deploy/release build/release

# The same once more, from a fresh clone elsewhere, with nothing that a compiler kept: the same bytes, or it is no release.
reproduce: release
	deploy/reproduce build/release

# ---- tests ----

# The keys' tests compute for minutes, the others wait for one another now and then: both at a time, the computing one in
# what the others leave.
test: tools web/node_modules/.installed
	@$(MAKE) --no-print-directory -j 3 test-keys test-others
	@echo "all tests passed"

# The servers of others compile while the page is built and looked at, which mostly takes one processor.
test-others:
	@$(MAKE) --no-print-directory check servers
	@$(MAKE) --no-print-directory test-go
	@$(MAKE) --no-print-directory test-web
	@$(MAKE) --no-print-directory test-browsers

# Chromium, Firefox and ffmpeg: installed on Debian as root, else named.
tools:
	@.ci/tools

check: web/dist/index.html
	@bad=$$(gofmt -l $(filter %.go,$(GO_SOURCES))); if [ -n "$$bad" ]; then echo "gofmt -w $$bad"; exit 1; fi
	go vet $(TAGS) ./...
	go build ./... # without the tag, too
	go tool staticcheck $(TAGS) ./...
	cd web && npm run --silent check

test-keys: web/node_modules/.installed
	GOGC=400 .ci/idly go test -vet=off -timeout 60m ./olmkeys

# Four packages at a time: most of them wait for networks that they made slow. `check` has vetted them.
test-go: web/dist/index.html
	go test $(TAGS) -p 4 -vet=off -timeout 20m $$(go list $(TAGS) ./... | grep -v /olmkeys$$)
	GOOS=js GOARCH=wasm go vet ./web/wasm

test-web: web/dist/index.html
	cd web && npm run --silent test

test-browsers: build bin/testserver bin/matrixhost bin/dendrite client
	cd web && npm run --silent test:browsers

# Servers of others that tests of Matrix run: a homeserver and LiveKit's. Each is built from a module of its own, and never linked with ours.
servers: bin/dendrite bin/livekit bridge/elementcall/testdata/ec/node_modules/.installed

# They are compiled once and run for seconds: unoptimized they cost a fifth less, and hardly more to run. What we are made of, too, stays as it
# is: the standard library, and SQLite with what it needs, in our versions.
unoptimized = $(foreach of,$(1),-gcflags='$(of)/...=-N -l')
optimized = $(foreach of,$(1),-gcflags='$(of)/...=')
FOREIGN := -ldflags '-s -w' $(call unoptimized,github.com google.golang.org buf.build) $(call optimized,github.com/dustin/go-humanize github.com/google/uuid github.com/remyoudompheng/bigfft)

bin/dendrite: internal/homeserver/dendrite/go.mod internal/homeserver/dendrite/go.sum
	cd $(<D) && go build $(FOREIGN) -o $(CURDIR)/$@ github.com/element-hq/dendrite/cmd/dendrite

# Element Call and what a test needs to show it.
bridge/elementcall/testdata/ec/node_modules/.installed: bridge/elementcall/testdata/ec/package.json bridge/elementcall/testdata/ec/package-lock.json
	cd bridge/elementcall/testdata/ec && npm ci --ignore-scripts --no-audit --no-fund
	@touch $(CURDIR)/$@

bin/livekit: bridge/elementcall/livekit/go.mod bridge/elementcall/livekit/go.sum
	cd $(<D) && go build $(FOREIGN) -o $(CURDIR)/$@ github.com/livekit/livekit-server/cmd/server

# The server with the SFU's test hook: it counts what a hostile SFU would see. Never shipped.
bin/testserver: $(GO_SOURCES) web/dist/index.html
	go build $(TAGS) -o $@ ./internal/e2e/testserver

# A Matrix client with a widget, for the browsers.
bin/matrixhost: $(GO_SOURCES)
	go build $(TAGS) -o $@ ./internal/e2e/matrixhost

generate:
	go generate ./...

# Each fuzz target for FUZZTIME; the committed corpora also run in plain `make test`.
FUZZTIME ?= 20s
fuzz:
	@go list $(TAGS) -f '{{if .TestGoFiles}}{{.ImportPath}}{{end}}{{if .XTestGoFiles}} {{.ImportPath}}{{end}}' ./... | tr ' ' '\n' | sort -u | while read -r pkg; do \
	  [ -n "$$pkg" ] || continue; \
	  for f in $$(go test $(TAGS) -list '^Fuzz' "$$pkg" | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$f"; go test $(TAGS) -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) "$$pkg"; \
	  done; \
	done

# Joins, leaves and switches of layers for FOR: in the end there are no more goroutines, sockets and memory than at first.
# `make test` does it for a minute.
FOR ?= 30m
soak:
	SOAK=$(FOR) go test -count 1 -timeout 0 -v -run '^TestSoak' ./internal/e2e

bench: build
	go run ./internal/bench -out build/bench.json -yardstick '$(YARDSTICK)'

clean:
	rm -rf bin build bridge/elementcall/testdata/ec/node_modules web/engine web/client/package web/client/grotto-client.tgz web/node_modules web/dist/assets web/dist/index.html*
