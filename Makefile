# Everything a developer does. Needs make and Python 3.11+; nothing else has to be installed.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
PROJECTS := $(wildcard schemas/pyproject.toml chassis/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml)
SOURCES := $(wildcard schemas chassis services deploy/local tests conftest.py)
TYPED := $(wildcard schemas/event_schemas chassis/chassis services/*/*_service deploy/local/aftercare_local deploy/docker tests/support tests/architecture \
  tests/contracts tests/journeys tests/faults tests/bench)
FUZZED := tests/contracts/test_openapi_holds.py services/activation/tests/test_every_order.py \
  services/activation/tests/test_contract_machine.py
.DEFAULT_GOAL := help
.PHONY: help demo up down test lint types format schemas faults fuzz bench compose-check lock clean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

demo: $(INSTALLED) ## start everything and run the main job, step by step
	@$(BIN)/aftercare demo

up: $(INSTALLED) ## start the whole system on this machine
	@$(BIN)/aftercare up

down: $(INSTALLED) ## stop it; nothing stays running
	@$(BIN)/aftercare down

test: lint ## lint, types, import contracts and every test
	@$(BIN)/pytest

lint: $(INSTALLED) types ## style, formatting, strict types and import contracts
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@if [ -f .importlinter ]; then $(BIN)/lint-imports; fi

types: $(INSTALLED)
	@$(BIN)/mypy $(TYPED)

format: $(INSTALLED) ## rewrite the sources in the house format
	@$(BIN)/ruff check --fix $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

schemas: $(INSTALLED) ## export the JSON Schemas and the AsyncAPI document
	@$(BIN)/python -m event_schemas export asyncapi

faults: $(INSTALLED) ## kill, stop and replay; then count what was lost or doubled
	@$(BIN)/python -m tests.faults --rounds $(or $(ROUNDS),1)

fuzz: $(INSTALLED) ## what nobody expects, EXAMPLES=300 times by chance: requests, orders of facts, lives of contracts
	@FUZZ=$(or $(EXAMPLES),300) CONTRACT_EXAMPLES=$(or $(EXAMPLES),300) $(BIN)/pytest $(FUZZED)

bench: $(INSTALLED) ## measure, as ratios to the bare libraries
	@$(BIN)/python -m tests.bench

compose-check: $(INSTALLED) ## the same main job on docker compose (needs a Docker engine)
	@deploy/docker/check

lock: $(INSTALLED) ## resolve requirements.in again into requirements.lock
	@$(BIN)/uv pip compile requirements.in --output-file requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --upgrade

clean: ## remove .venv, .aftercare and caches
	@if [ -x $(BIN)/aftercare ]; then $(BIN)/aftercare down; fi
	@rm -rf .venv .aftercare .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock $(PROJECTS) deploy/local/make_venv.py
	@$(PYTHON) deploy/local/make_venv.py
