# Two commands to begin with: `make run` and `make test`. Both set up what they need in .venv/.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SHARED ?= ../shared
# The kernels in C are compiled when the project is installed (pyproject.toml); and so again when one is changed.
KERNELS := $(shell find stages -name '*.[ch]') stages/native/sources.py

.PHONY: run test test-long lint bench bench-all docs docs-serve clean-all

run: .venv/.run
	$(BIN)/clean run

# Three processes on two cores: tests that wait for time limits, locks and browsers take a third of the time of all tests.
test: .venv/.dev
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not long"

test-long: .venv/.dev  # COPYDESK_KILLS=40 for fewer kills than the 200 of the kill proof
	$(BIN)/python -m pytest --hypothesis-profile long

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev  # one table beside other programs; BENCH=--quick for five minutes, BENCH=--docs writes the page too
	$(BIN)/python benchmarks/bench.py --shared $(SHARED) $(BENCH)

bench-all: .venv/.dev  # every benchmark of our own, one after another
	$(BIN)/python benchmarks/run_all.py --shared $(SHARED)

docs: .venv/.dev  # into site/: pages that open from the disk; a dead link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

docs-serve: .venv/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

clean-all:
	rm -rf .venv out site dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/.run: pyproject.toml constraints.txt $(KERNELS)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=24' # older ones warn of an extra of lxml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/.dev: .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
