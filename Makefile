# `make run` starts the station on a simulated athlete; `make test` proves the checkout.
# Both install what they need into .venv and touch nothing else but, where something is
# missing on a Debian system, the packages python3-venv, chromium, shellcheck, systemd (for its tools) and
# libatomic1 (for Playwright).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.DEFAULT_GOAL := help
.PHONY: help run install test lint format bench soak lock audit clean

help:
	@echo 'make run     start the station on a simulated athlete (ARGS="--port 9000" passes options)'
	@echo 'make test    install what the tests need, then lint, type-check and test everything'
	@echo 'make format  lay out the code as the linter wants it'
	@echo 'make bench   measure against peers, side by side'
	@echo 'make soak    longer proofs: 20 clients for 10 minutes, some of them bad; 200 kills in mid-set; 200 000 bad inputs; attacks; the long tests'
	@echo 'make lock    pin what a station is installed with anew (ARGS=--upgrade takes newer versions)'
	@echo 'make audit   ask a database whether a weakness is known in what is pinned (needs the internet)'
	@echo 'make clean   remove the virtual environment (never the data)'

run: install
	@exec $(BIN)/heeldrive run $(ARGS)

install: $(VENV)/.installed

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Heeldrive needs Python 3.11 or newer; make PYTHON=python3.12 run names another one.'; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv; }
	$(PYTHON) -m venv $(VENV)

# The very files that a station is installed with, so that what is tested is what runs.
PIP := $(BIN)/python -m pip install --no-compile --quiet --disable-pip-version-check
PINNED := $(PIP) --require-hashes -r systemd/lock/build.txt -r systemd/lock/station.txt

$(VENV)/.installed: pyproject.toml systemd/lock/*.txt | $(VENV)/bin/python
	$(PINNED)
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml systemd/lock/*.txt | $(VENV)/bin/python
	$(PINNED) -r systemd/lock/parquet.txt -r systemd/lock/lsl.txt
	$(PIP) --no-build-isolation --editable '.[test]'
	@{ command -v chromium systemd-analyze shellcheck | wc -l | grep -q 3 && $(BIN)/playwright --version >/dev/null 2>&1; } || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq chromium systemd shellcheck libatomic1; }
	@touch $@ $(VENV)/.installed

test: $(VENV)/.installed-test lint
	$(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/end_to_end
	$(BIN)/python -m pytest -n 2 tests/end_to_end  # whole stations, in real time: nothing else beside them

lint: $(VENV)/.installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive station hardware web systemd
	$(BIN)/mypy

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.installed-test
	$(PIP) --no-build-isolation --editable '.[test,bench]'
	@for b in core reps hold ring equality foot calibration sampler page export recording library; do echo "== $$b"; $(BIN)/python benchmarks/$$b.py || exit 1; done

soak: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m long
	$(BIN)/python benchmarks/page.py --soak
	$(BIN)/python benchmarks/kills.py --kills 200
	$(BIN)/python benchmarks/fuzz.py --inputs 200000
	$(BIN)/python benchmarks/attacks.py

lock: $(VENV)/.installed-test
	$(PIP) 'uv>=0.13'
	$(BIN)/python systemd/lock/renew.py $(ARGS)

# --strict: a package that the database does not know fails too, where it would pass for safe.
audit: $(VENV)/.installed-test
	$(PIP) 'pip-audit>=2.7'
	$(BIN)/pip-audit --strict --disable-pip --require-hashes $(patsubst %,-r %,$(wildcard systemd/lock/*.txt))

clean:
	rm -rf $(VENV) build *.egg-info
