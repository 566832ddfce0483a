# `make run` starts the station on a simulated athlete; `make test` proves the checkout.
# Both install what they need into .venv and touch nothing else but, where something is
# missing on a Debian system, the packages python3-venv and chromium.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.DEFAULT_GOAL := help
.PHONY: help run install test lint format bench soak clean

help:
	@echo 'make run     start the station on a simulated athlete (ARGS="--port 9000" passes options)'
	@echo 'make test    install what the tests need, then lint, type-check and test everything'
	@echo 'make format  lay out the code as the linter wants it'
	@echo 'make bench   measure against peers, side by side'
	@echo 'make soak    longer proofs: 20 clients for 10 minutes, some of them bad'
	@echo 'make clean   remove the virtual environment (never the data)'

run: install
	@exec $(BIN)/heeldrive run $(ARGS)

install: $(VENV)/.installed

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Heeldrive needs Python 3.11 or newer; make PYTHON=python3.12 run names another one.'; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@command -v chromium >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq chromium; }
	@touch $@ $(VENV)/.installed

test: $(VENV)/.installed-test lint
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,bench]'
	@for b in core reps equality foot sampler page; do echo "== $$b"; $(BIN)/python benchmarks/$$b.py || exit 1; done

soak: $(VENV)/.installed-test
	$(BIN)/python benchmarks/page.py --soak

clean:
	rm -rf $(VENV) build *.egg-info
