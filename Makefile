# Set-up, start and checks. Needs Python 3.11 or newer with venv, and make; everything else goes into .venv.
#
#   make install   create .venv and install the pinned packages and this project
#   make run       install if need be, build the index if there is none, serve the chat
#   make test      install if need be, run the tests          (make test PYTEST_ARGS="-k cli")
#   make check     what must pass before a commit: format, lint, types, layers, tests
#   make eval      measure the answers on the gold sets and write docs/quality.md and docs/quality.json
#   make gate      fail where the test half of the gold sets is answered worse than docs/quality.json says
#   make train-reader  train the reader anew (twenty minutes of an H100, days without a GPU; goes on where it was stopped)
#   make lock      write requirements.txt anew from pyproject.toml (make lock LOCK_ARGS=--upgrade for newer versions)

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 7860
PYTEST_ARGS ?=
LOCK_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: install run test check format lint types layers eval gate train-reader lock
.DELETE_ON_ERROR:

install: $(STAMP)

# The stamp is newer than what was installed, so that nothing happens until one of these files changes.
$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Verbatim needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(PIP) install --requirement requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

run: install
	@$(BIN)/qa serve --host $(HOST) --port $(PORT)

test: install
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: lint types layers test

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install
	$(BIN)/mypy --package qa

layers: install
	$(BIN)/lint-imports

eval: install
	$(BIN)/python benchmarks/quality.py

gate: install
	$(BIN)/python benchmarks/quality.py --gate

train-reader: install
	$(BIN)/python benchmarks/reader_recipe.py --ship

# No path, host or index is written down. "+cpu" is a build of the same torch version, and the CUDA libraries are pinned
# by torch itself where its build needs them, so both are left out: the file fits machines with and without a GPU.
lock: install
	$(BIN)/pip-compile --quiet --extra dev --allow-unsafe --strip-extras --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	    $(LOCK_ARGS) --output-file requirements.txt pyproject.toml
	@{ printf '%s\n' \
	    '# Every package that Verbatim and its tests are run with. Written by "make lock" from pyproject.toml: do not edit.' \
	    '#' \
	    '# torch==2.13.0 is met by each build of that version. The CPU build, from the wheels of the PyTorch project itself,' \
	    '# saves gigabytes on a machine without a GPU; other builds bring the CUDA libraries that they pin themselves.'; \
	  grep -E '^[A-Za-z0-9]' requirements.txt | grep -Ev '^(pip|cuda-[a-z-]+|nvidia-[a-z0-9-]+|triton)==' \
	    | sed -E 's/^(torch==[0-9.]+)\+[a-z0-9]+/\1/'; } > requirements.txt.new
	@mv requirements.txt.new requirements.txt
