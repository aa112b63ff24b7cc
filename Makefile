# Every target prepares .venv by itself, so each can be the first command in a fresh clone.
# `make` alone lists them: the text after ## is what it prints.

.DEFAULT_GOAL := help

# The first Python on the PATH that is new enough; `make test PYTHON=python3.13` names another.
# Where none is found python3 stands, so that the bootstrap can say what is missing.
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    && { echo $$python; exit; }; done; echo python3)
endif

BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --upgrade --quiet --universal --python-version 3.11 \
    --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help demo test check crash bench lock generate clean runtime dev

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.* ## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: runtime ## watch a simulated crew being texted and a shift being filled
	@$(BIN)/shiftbell demo

test: dev ## run the tests
	@$(BIN)/pytest -n 2

check: dev ## style, types, who imports whom, and the tidiness of the tree
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/tidy

crash: dev ## kill the worker 20 times at every step of sending and hearing
	@$(BIN)/pytest tests/crash --kills 20

bench: dev ## measure the webhook while a broadcast runs
	@$(BIN)/python -m bench

lock: dev ## refresh the locks to the newest versions pyproject.toml allows
	$(LOCK) pyproject.toml --group build --output-file requirements.lock
	$(LOCK) pyproject.toml --group build --group dev --constraint requirements.lock \
	    --output-file requirements-dev.lock
	echo pip | $(LOCK) - --output-file tools/pip.lock

generate: dev ## rewrite what is made: .env.example, and the weights of words in replies
	@PYTHONPATH=. $(BIN)/python tools/weigh_replies.py
	@$(BIN)/python -c 'from pathlib import Path; from shiftbell.config import env_example; \
	    Path(".env.example").write_text(env_example(), encoding="utf-8")'

clean: ## remove .venv and every cache
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime:
	@$(PYTHON) tools/bootstrap.py

dev:
	@$(PYTHON) tools/bootstrap.py --dev
