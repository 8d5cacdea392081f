# The two commands: make demo, make test. Everything missing is installed on the way.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
BIN := .venv/bin
PURE := tests/domain tests/geometry tests/indicators

# What Python made of a source is kept, whatever the caller's shell says: otherwise each of the
# hundred processes of the tests compiles the program anew, and each run all tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo serve quick test pure proof notebooks lint docs coverage bench clean

help:
	@echo 'make demo      set up, build the synthetic sample city and serve its pages'
	@echo 'make serve     set up and serve the pages of your own city'
	@echo 'make quick     the tests of what you changed, nearest first, in less than a minute'
	@echo 'make test      set up and run every check that is done in minutes'
	@echo 'make proof     set up and run what is long: attacks, crashes, load, stories of a day'
	@echo 'make notebooks execute the worked analyses of notebooks/'
	@echo 'make lint      the checks that only read the code'
	@echo 'make docs      write the tables of docs/ that the program knows: settings, commands'
	@echo 'make coverage  every test once more, with the lines no test reached'
	@echo 'make bench     measure and write BENCHMARKS.md'
	@echo 'make setup     install what is missing, nothing else'
	@echo 'make clean     remove caches and build leftovers; no server, no data'

setup:
	@.ci/set-up

# Chromium is for the tests; the demo and the pages themselves do without it.
demo:
	@.ci/set-up --without-browser
	@$(BIN)/gridmgmt demo

serve:
	@.ci/set-up --without-browser
	@$(BIN)/gridmgmt serve

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint web/templates --lint --quiet
	$(BIN)/codespell
	$(BIN)/alembic upgrade head --sql | $(BIN)/squawk

# FILES='web/door/login.py …' asks for those instead of what git says has changed.
quick: setup
	@$(BIN)/python -m tests.quick $(FILES)

# The pure layers come first: they need no database and answer in seconds, and mypy needs one
# core meanwhile. Tests of one file stay together, since they share what is costly to make
# (tests/conftest.py).
test: setup
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint pure
	$(BIN)/pytest -q -n 2 --dist loadfile -m 'not proof' $(addprefix --ignore=,$(PURE))

pure: setup
	$(BIN)/pytest -q -n 2 -m 'not proof' $(PURE)

# What continuous integration runs after the tests: what takes long or loads the machine, and
# nearly all of the browser; then the pure layers once more, with ten times as many examples.
proof: notebooks
	@.ci/set-up --for-proof
	$(BIN)/pytest -q -n 2 --dist loadfile -m proof
	HYPOTHESIS_PROFILE=proof $(BIN)/pytest -q -n 2 -m 'not proof' $(PURE)

# They use the sample city of make demo, and build it where there is none.
notebooks: setup
	@$(BIN)/python -c 'import ipykernel, matplotlib, nbmake' 2>/dev/null || \
	    $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt \
	    --no-build-isolation -e '.[notebooks]'
	$(BIN)/pytest -q --nbmake --nbmake-timeout=1800 notebooks

docs: setup
	@$(BIN)/python -m tests.house.document_tables

coverage: setup
	$(BIN)/pytest -q -n 2 --dist loadfile --cov --cov-report=term-missing:skip-covered

# Not part of the tests: figures are for people, and need the machine for themselves.
# SECTIONS=locator measures that part alone and leaves the others as they stand. BEFORE=v1 measures
# the pages of a day (SECTIONS=day) in turn with those of that revision.
bench: setup
	@$(BIN)/python -c 'import duckdb, duckdb_extension_spatial, granian, uvicorn, a2wsgi, gunicorn, \
	    cheroot' 2>/dev/null || \
	    $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt \
	    --no-build-isolation -e '.[bench]'
	$(BIN)/python -m tests.benchmarks $(SECTIONS)

clean:
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf .coverage .coverage.* htmlcov build dist *.egg-info
	find . -path ./.venv -prune -o -path ./.gridmgmt -prune -o \
	    -name __pycache__ -type d -print0 | xargs -0 -r rm -rf
