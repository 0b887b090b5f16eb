# Each target makes its own environment from Python ≥ 3.11 and make alone.
PYTHON ?= python3
VENV := .venv
# The libraries that RFM is held against, which only bench needs.
PEERS := .venv-bench
# dbt's other adapters and Spark, which only test-spark needs.
ENGINES := .venv-engines
STRATA := $(VENV)/bin/strata
# Fits are small: threads of the linear algebra cost more than they save.
export OPENBLAS_NUM_THREADS := 1

.PHONY: demo test dev test-long test-spark bench

demo: $(VENV)/run-ready
	$(STRATA) demo

dev: $(VENV)/run-ready
	$(STRATA) dev

test: $(VENV)/test-ready
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/python -m pytest -m "not long" -n 2 --dist loadfile --no-loadscope-reorder

test-long: $(VENV)/test-ready
	$(VENV)/bin/python -m pytest -m "long" --timeout 5400

# Spark 4 wants Java 17 or newer. Without one there is nothing to test, which is no failure.
JAVA := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)
HAS_JAVA = "$(JAVA)" -version 2>&1 | grep -Eq 'version "(1[7-9]|[2-9][0-9])'

test-spark:
	@$(HAS_JAVA) || echo "skipped: Spark needs Java 17 or newer, and $(JAVA) is not that"
	@! $(HAS_JAVA) || $(MAKE) --no-print-directory $(ENGINES)/test-ready
	@! $(HAS_JAVA) || $(ENGINES)/bin/python -m pytest tests/engines

# Long: each of them takes options that make it smaller, see its first lines.
bench: $(VENV)/test-ready $(PEERS)/bench-ready
	$(VENV)/bin/python -m benchmarks.intake_benchmark
	$(VENV)/bin/python -m benchmarks.clv_benchmark
	$(VENV)/bin/python -m benchmarks.clv_benchmark --customers 20000 --lifetimes
	$(VENV)/bin/python -m benchmarks.rfm_benchmark
	$(VENV)/bin/python -m benchmarks.full_run_benchmark

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

# --no-deps: the lock is complete, and pip then needs no second resolution of its own.
$(VENV)/run-ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the pinned packages into $(VENV) (a few minutes, once)"
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test-ready: requirements-dev.lock $(VENV)/run-ready
	@echo "Installing the pinned packages of the tests into $(VENV)"
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# Of its own: 1.7 GB, and adapters that must not decide what the product itself runs with.
$(ENGINES)/test-ready: requirements-engines.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(ENGINES)
	@echo "Installing Spark and dbt's adapters into $(ENGINES) (a few minutes, once)"
	$(ENGINES)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-engines.lock
	$(ENGINES)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Of its own: 1 GB, and other versions of packages that the product has too.
$(PEERS)/bench-ready: requirements-bench.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(PEERS)
	@echo "Installing the benchmark's peers into $(PEERS) (a few minutes, once)"
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	@touch $@
