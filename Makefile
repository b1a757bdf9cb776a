# Every target works on a machine with Go, git and make; nothing here needs
# Docker or a C compiler, and only those of the lab need root.
export CGO_ENABLED := 0
export GOFLAGS := -trimpath -buildvcs=false

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
KUBERNETES = $(shell go list -m -f '{{.Version}}' k8s.io/kubernetes)
# The API server reports the version of the Kubernetes that is linked in.
LDFLAGS = -s -w -X main.version=$(VERSION) -X k8s.io/component-base/version.gitVersion=$(KUBERNETES)
COMPONENTS := manifests/components/RUN-make-FIRST.txt
SOURCES = api cmd hack images internal manifests providers test tui
# Moments at which `make chaos` kills the tool.
MOMENTS ?= 20

.PHONY: build demo test e2e test-lab lint bench bench-e2e screens chaos fuzz generate clean help

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: generate ## Build bin/bootstrap
	go build -ldflags '$(LDFLAGS)' -o bin/bootstrap ./cmd/bootstrap

demo: build ## Create a highly available vSphere cluster against a simulated vCenter, and delete it
	hack/demo

test: build ## Run the unit tests and the rehearsals
	go test -timeout 30m ./...

e2e: build ## Make real clusters on hosts of the lab (root; the first time builds Kubernetes and Cilium)
	go test -tags e2e -timeout 60m -count=1 -v ./test/e2e

test-lab: ## Test the lab itself (root)
	go test -tags lab -timeout 30m -count=1 ./hack/lab/...

screens: build ## Walk the interface in tmux and keep its screens in docs/screens
	go run ./hack/tui-tour

chaos: build ## Kill a rehearsed create at MOMENTS random moments and resume it
	CHAOS_MOMENTS=$(MOMENTS) go test ./test/rehearsal -run TestKilledCreateResumes -count=1 -timeout 3h -v

fuzz: generate ## Fuzz the configuration and the hardware file, a minute each
	go test ./api/v1alpha1 -run '^$$' -fuzz FuzzParse -fuzztime 1m
	go test ./providers/baremetal/hardware -run '^$$' -fuzz FuzzParseCSV -fuzztime 1m

lint: generate ## gofmt, go vet and staticcheck
	@test -z "$$(gofmt -l $(SOURCES))" || { gofmt -l $(SOURCES); exit 1; }
	go vet -tags e2e,lab ./...
	go tool -modfile=hack/tools/go.mod staticcheck -tags e2e,lab ./...

bench: build ## Measure; docs/benchmarks.md holds the figures
	go run ./hack/bench

bench-e2e: build ## Measure creates of real clusters beside kubeadm and helm by hand (root)
	go run ./hack/bench -only lab

generate: $(COMPONENTS) ## Take CRDs and webhooks from the pinned modules

$(COMPONENTS): go.mod go.sum $(wildcard hack/components/*.go) $(wildcard providers/baremetal/ssh/api/v1alpha1/crds/*.yaml)
	go run ./hack/components
	@touch $@

clean: ## Remove what was built
	rm -rf bin manifests/components
