# Two commands matter: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
# The GPU variant where a CUDA GPU answers, else the CPU variant with the real vLLM engine.
VARIANT ?= $(shell nvidia-smi -L >/dev/null 2>&1 && echo gpu || echo cpu)
READY := $(VENV)/.ready-$(VARIANT)
export WETHINK_HOME ?= $(CURDIR)/.wethink
# Compiled bytecode halves the start of the engines.
unexport PYTHONDONTWRITEBYTECODE
export DAGSTER_HOME ?= $(WETHINK_HOME)/dagster

.PHONY: help setup demo grow check test bench ui explore docs screenshot clean distclean lock

help: ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## Create the environment (.venv) with pinned dependencies

$(READY): requirements/$(VARIANT).lock requirements/install.sh pyproject.toml
	@bash requirements/install.sh $(VENV) $(VARIANT)
	@touch $@

demo: $(READY) ## Sample pack to 14 scores, the whole graph through Dagster (seven to eleven minutes on two cores)
	@$(VENV)/bin/wethink demo

grow: $(READY) ## Add new files to the sample pack's sources and run a second growth batch
	@$(VENV)/bin/wethink demo --grow

check: $(READY) ## Format, lint, types and import contracts, in under a minute; says all that is wrong before it ends
	@failed=0; \
	for tool in "ruff format --check --quiet" "ruff check --quiet" "ty check --no-progress --output-format concise" "lint-imports"; do \
	  $(VENV)/bin/$$tool > $(VENV)/.check-output 2>&1 || { failed=1; echo "check: $$tool"; cat $(VENV)/.check-output; }; \
	done; \
	exit $$failed

test: $(READY) ## Run the tests of every day; ALL=1 adds the long ones, as continuous integration does
	@$(PY) -m pytest $(if $(ALL),,-m "not long")

bench: $(READY) ## Run one benchmark: make bench NAME=statements ARGS="..." (without a name: list them)
	@$(if $(NAME),$(PY) -m benchmarks.$(NAME) $(ARGS),$(PY) -m benchmarks)

ui: $(READY) ## Open the graph: dagster dev on 127.0.0.1:3000 (PORT=… for another port)
	@$(VENV)/bin/wethink ui --port $(or $(PORT),3000)

explore: $(READY) ## Open single rows, their pictures and lineage: 127.0.0.1:3200 (PORT=… for another port)
	@$(VENV)/bin/wethink explore $(if $(PORT),--port $(PORT))

docs: $(READY) ## Build the documentation as a site, offline: build/site/index.html
	@$(VENV)/bin/zensical build --clean --strict

screenshot: $(READY) ## Take the pictures in docs/images again: Dagster's pages and the explorer's (needs Chromium)
	@$(PY) docs/make_screenshot.py

lock: $(READY) ## Resolve requirements/*.lock again from pyproject.toml
	@bash requirements/lock.sh $(VENV)

clean: ## Remove all data of the demo: lake, sample pack, policies, run history
	rm -rf "$(WETHINK_HOME)"

distclean: clean ## Remove the environment too
	rm -rf $(VENV) *.egg-info
