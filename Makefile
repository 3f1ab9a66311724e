# The two commands: `make demo` shows the hotline, `make test` proves it.
GO      ?= go
LINT     = .bin/golangci-lint
LINT_AT  = v2.15.0
# What a command says, only when it fails: names of a hundred modules that came are no news.
quietly  = said=$$($(1) 2>&1) || { echo "$$said"; exit 1; }
NPM_DIRS = $(dir $(shell git ls-files '*package-lock.json'))

.PHONY: help demo build release test check lint tools fuzz faults bench clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

demo: build ## the whole hotline in one process, with phones in the browser
	@bin/hotline demo

build: ## bin/hotline, one static binary
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/hotline ./cmd/hotline

release: ## dist/hotline, built twice from scratch in two places, which must agree
	@.ci/release dist

test: tools ## everything: unit, stories, store on both servers, browser, race, lint
	@$(call quietly,$(GO) mod download)
	@$(call quietly,$(GO) mod tidy -diff)
	@$(GO) test -race -shuffle=on -timeout 27m ./...
	@$(LINT) run ./...
	@echo "all tests passed"

check: ## the quick part of test: no race detector, no lint
	@$(GO) vet ./... && $(GO) test ./...

lint: $(LINT) ## golangci-lint alone
	@$(LINT) run ./...

tools: $(LINT) ## installs what the tests need, where it may
	@.ci/tools redis-server chromium node npm bearerbox pdftotext systemd-analyze
	@for d in $(NPM_DIRS); do \
	  [ $$d/node_modules/.package-lock.json -nt $$d/package-lock.json ] || \
	  (cd $$d && npm ci --silent --no-audit --no-fund) || exit 1; done

$(LINT): Makefile
	@$(call quietly,GOBIN=$(CURDIR)/.bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_AT))
	@touch $@

fuzz: ## every fuzz target for 60 s
	@for t in $$(git grep -l '^func Fuzz' -- '*_test.go'); do d=./$$(dirname $$t); \
	  for f in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' $$t); do \
	    $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 60s $$d || exit 1; done; done

KILLS ?= 1000
# The version before this one that had other scripts: both are at work at once.
EARLIER ?= $(shell git rev-list -1 HEAD -- store/lua)^
faults: build ## every row of the table of faults, and the model of the protocol
	@$(GO) test -count=1 -v ./store/model | grep -v '^=== '
	@rm -rf bin/old && mkdir bin/old && git archive $(EARLIER) | tar -x -C bin/old
	@cd bin/old && CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o hotline ./cmd/hotline
	@bin/hotline chaos --kills $(KILLS) --old bin/old/hotline $(CHAOS)

bench: build ## every figure of docs/figures.md, on this machine; ten minutes, 3 GB of memory
	@bin/hotline bench steps
	@bin/hotline bench webhooks
	@bin/hotline bench alerts
	@bin/hotline bench console --fsync always
	@bin/hotline bench memory
	@bin/hotline bench start
	@bin/hotline bench restore
	@bin/hotline bench burst --fsync always
	@bin/hotline bench timers --fsync always
	@bin/hotline bench growth --fsync always

clean:
	@rm -rf bin .bin dist
