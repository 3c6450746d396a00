# hubhomes: every target sets up what it needs in .venv, from the locked requirements.
# From nothing it takes Python 3.11 or later with pip, make, and a package registry that pip can reach.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
  command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
LOCKED := --no-deps --require-hashes

.PHONY: help demo test lint types tests lab bench pictures docs lock clean

help:  ## what can be made
	@sed -n 's/^\([a-z]*\):.*##/\1\t/p' Makefile | expand -t 12

$(VENV)/created:
	@test -n "$(PYTHON)" || { echo "hubhomes needs Python 3.11 or later: none was found. Say which with  make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run: $(VENV)/created requirements/run.lock requirements/build.lock pyproject.toml
	@echo "installing hubhomes and its locked dependencies into $(VENV) (once, about a minute)" >&2
	@$(PIP) $(LOCKED) -r requirements/run.lock -r requirements/build.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements/dev.lock
	@echo "installing the locked tools of the tests into $(VENV) (once)" >&2
	@$(PIP) $(LOCKED) -r requirements/dev.lock
	@touch $@

demo: $(VENV)/run  ## open the console on the embedded fleet
	@$(BIN)/hubhomes demo

test: lint types tests  ## everything that has to pass

lint: $(VENV)/dev  ## style, and which room may import which
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache

types: $(VENV)/dev  ## strict types
	@$(BIN)/mypy

tests: $(VENV)/dev  ## the tests; those on a real Kubernetes where its binaries can be built
	@$(BIN)/python -m tests.cluster.assets --with helm --with tofu || true
	@$(BIN)/pytest -n 3 --dist loadgroup $(PYTEST)

lab: $(VENV)/dev  ## open the console on a real Kubernetes with broken hubs
	@$(BIN)/python -m tests.lab

bench: $(VENV)/dev  ## measure side by side, print ratios
	@$(BIN)/python -m bench $(BENCH)

pictures: $(VENV)/dev  ## write screenshots/ anew from the real screens
	@$(BIN)/python -m tests.pictures

docs: $(VENV)/dev  ## write the generated pages anew
	@$(BIN)/python -m console.chain.catalogue > docs/findings.md
	@$(BIN)/python -m console.tui.keys > docs/keys.md
	@$(BIN)/python -m console.cli.contract.schema

lock: $(VENV)/dev  ## resolve the dependencies anew (needs uv)
	@for name in run dev build; do \
	  case $$name in run) from=pyproject.toml ;; dev) from="--group pyproject.toml:dev --constraints requirements/run.lock pyproject.toml" ;; \
	    build) from=requirements/build.in ;; esac; \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    $$from --output-file requirements/$$name.lock; done

clean:  ## remove the environment and what tools left
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
