# Two commands set everything up on a fresh Debian or Ubuntu with Python >= 3.11: make demo, make test.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= synthetic

# What make test leaves out; SLOW=1 leaves out the nightly measurements alone.
SKIPPED := $(if $(SLOW),not nightly,not nightly and not slow)

.PHONY: help demo test check lint types clean

help:
	@echo "make demo   search for a spot-instance scheduler: no key, no network but PyPI (DATA=real for real traces)"
	@echo "make test   style, types and all tests but the slow ones (SLOW=1 for all)"
	@echo "make check  style, types, the house and the contracts, in less than a minute: before each commit"
	@echo "make clean  remove the virtual environment and caches"

demo: $(VENV)/base.stamp
	@PATH="$(BIN):$$PATH" sh scripts/demo.sh $(DATA)

test: $(VENV)/dev.stamp lint types
	$(BIN)/pytest -n 2 --dist worksteal -m "$(SKIPPED)"

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 -m "not nightly and not slow and not games" tests/test_house.py tests/contracts

# Without ruff's cache: a stale one has hidden errors.
lint: $(VENV)/dev.stamp
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp
	$(BIN)/mypy

$(VENV)/base.stamp: pyproject.toml scripts/setup.sh
	@PYTHON="$(PYTHON)" sh scripts/setup.sh $(VENV) .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml scripts/setup.sh
	@PYTHON="$(PYTHON)" sh scripts/setup.sh $(VENV) dev
	@touch $(VENV)/base.stamp $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
