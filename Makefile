# One virtual environment, `.venv`, pinned by requirements.lock. Every target sets it up first; that is fast when nothing changed.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
STAMP := .venv/installed
EXTRAS := examples,test,dev
# Two processes, a test file to each in turn; PROCESSES=0 runs the tests in one.
PROCESSES ?= 2
PYTEST := $(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

.PHONY: setup demo serve test slow real check format bench truth released lock clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; choose one with make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing the locked packages into .venv (a few minutes the first time)"
	@$(PIP) install --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup  ## simulate, train, register, promote, serve, ask, stop
	@$(BIN)/esr demo

serve: setup  ## the service and the MLflow UI, until Ctrl-C
	@$(BIN)/esr up

test: setup  ## needs no data but what is in this folder
	$(PYTEST) -m "not real and not slow"

slow: setup  ## the tests that are too slow for `make test`
	$(PYTEST) -m "slow and not real" --no-skips

real: setup  ## needs the real cohorts: ESR_REAL_DATA, by default ../shared/data
	$(PYTEST) -m real --no-skips

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python benchmarks/run.py

truth: setup  ## what intervals and p-values are worth on simulated cohorts; some ten minutes
	$(BIN)/python benchmarks/known_truth.py

released: setup  ## after a change of panel.toml or therapies.toml: note what models may now be trained with
	$(BIN)/python -c "from data_schemas.catalogue.load import load_catalogue as load; \
	from data_schemas.toml_file import FOLDER; from data_schemas.catalogue.released import released_text; \
	(FOLDER / 'released.toml').write_text(released_text(load()))"

# Resolves pyproject.toml afresh and writes what it found. Only exact pins: no registry, no path.
lock:
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip -qq --disable-pip-version-check install hatchling editables --editable ".[$(EXTRAS)]"
	{ echo "# Exact versions of everything, the extras $(EXTRAS) and the build backend included. Written by make lock."; \
	  .venv-lock/bin/python -m pip --disable-pip-version-check freeze --exclude-editable --exclude pip \
	  | sed -e '/^nvidia-nccl/s/$$/ ; platform_system == "Linux"/'; } > requirements.lock.new
	mv requirements.lock.new requirements.lock
	rm -rf .venv-lock

clean:
	rm -rf .venv .venv-lock .pytest_cache .mypy_cache .ruff_cache .hypothesis
