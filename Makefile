# Every target does the set-up it needs; `make setup` alone is never necessary.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test format bench bench-peers lock tables clean

# Another active virtual environment or path must not reach the tools of .venv.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV
# The suite starts some thousand processes: none compiles what another one has compiled.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
SOURCES := tracker alerts tests scripts benchmarks

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## .venv, the locked dependencies, a browser (nothing to do when nothing changed)
	@bash scripts/setup

demo: setup ## the whole job on practice portals, start to end
	@$(BIN)/tracker demo

# Most of the suite waits for browsers and databases: four workers keep two processors busy.
test: setup ## format check, lint, strict types, the whole suite
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 4 --dist worksteal $(PYTEST_ARGS)

format: setup ## writes the one format
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

tables: setup ## writes the tables of docs/ anew from the code
	$(BIN)/python scripts/tables.py

bench: setup ## speed and memory, with what they are compared to
	$(BIN)/python -m benchmarks

bench-peers: setup ## the same parcels by us and by karrio's server, which it installs into .venv-peers
	$(BIN)/python -m benchmarks.peers

lock: setup ## resolves the dependencies anew (UPGRADE=--upgrade takes newer releases)
	$(BIN)/python -m uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-annotate $(UPGRADE) \
		-o requirements/dev.lock

clean: ## removes .venv and every cache
	rm -rf .venv .venv-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
