# See https://tech.davis-hansson.com/p/make/
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
GEN := .venv/gen/bin/python -m grpc_tools.protoc -I protos -I protos/vendor
PROTOS := $(sort $(shell find protos/tocsin -name '*.proto'))
SERVICE_PROTOS := $(filter %_service.proto,$(PROTOS))
# What errors carry; the edge prints them only if the descriptor set has them.
ERROR_PROTOS := protos/vendor/google/rpc/status.proto protos/vendor/google/rpc/error_details.proto
INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: .venv/run.stamp ## Start all of Tocsin on this machine
	@exec $(BIN)/tocsin up

.PHONY: test
test: .venv/test.stamp .venv/gen.stamp ## Run everything that CI runs
	@bash tests/run.sh

.PHONY: test-all
test-all: .venv/test.stamp .venv/gen.stamp ## Run the long tests too
	@TOCSIN_LONG=1 bash tests/run.sh

.PHONY: seeds
seeds: .venv/test.stamp ## Send the sample requests of the vendors' documents to a suite of their own
	@$(BIN)/pytest -q tests/seeds

.PHONY: bench-lists
bench-lists: .venv/test.stamp ## Measure lists and counts among 10 thousand and 1 million alerts
	@PYTHONPATH=.:gen $(BIN)/python -m tests.bench.lists

.PHONY: bench-on-call
bench-on-call: .venv/test.stamp ## Measure who is on call after ten years, and 90 days of 100 schedules
	@PYTHONPATH=.:gen $(BIN)/python -m tests.bench.on_call

.PHONY: bench-engine
bench-engine: .venv/test.stamp ## Measure steps of escalations among 10 thousand and 1 million
	@PYTHONPATH=.:gen $(BIN)/python -m tests.bench.engine

.PHONY: lint
lint: .venv/test.stamp ## Check style, types and protos
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code

.PHONY: gen
gen: .venv/gen.stamp .venv/run.stamp ## Regenerate gen/ from protos/
	rm -rf gen/tocsin gen/tocsin.binpb gen/openapi.json
	$(GEN) --python_out=gen --pyi_out=gen $(PROTOS)
	$(GEN) --plugin=protoc-gen-mypy_grpc=.venv/gen/bin/protoc-gen-mypy_grpc \
		--grpc_python_out=gen --mypy_grpc_out=only_async,quiet:gen $(SERVICE_PROTOS)
	$(GEN) --include_imports --descriptor_set_out=gen/tocsin.binpb $(PROTOS) $(ERROR_PROTOS)
	$(GEN) --include_imports --include_source_info --descriptor_set_out=/dev/stdout $(PROTOS) \
		| $(BIN)/python -m deploy.openapi.generate > gen/openapi.json
	touch gen/tocsin/py.typed

.PHONY: gen-check
gen-check: gen ## Fail if gen/ differs from what is committed
	@test -z "$$(git status --porcelain gen)" || { git status --short gen; echo "gen/ is not what protos/ says: run 'make gen' and commit"; exit 1; }

.PHONY: lock
lock: .venv/test.stamp ## Resolve the locked requirements anew
	$(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml --group test -c requirements.lock -o tests/requirements.lock
	$(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --python-version 3.11 --no-header --no-annotate --group gen -o protos/requirements.lock
	echo 'protobuf<7' | $(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --python-version 3.11 --no-header --no-annotate gen/pyproject.toml - -o tests/packaging/protobuf6.lock
	echo 'protobuf>=7' | $(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --python-version 3.11 --no-header --no-annotate gen/pyproject.toml - -o tests/packaging/protobuf7.lock

.PHONY: clean
clean: ## Remove what was installed and generated here, but no data
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/venv.stamp:
	@command -v $(PYTHON) >/dev/null || { echo "Tocsin needs Python 3.11 or newer: install python3 and python3-venv (apt install python3 python3-venv)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tocsin needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V): install a newer one or say 'make PYTHON=python3.12 $(or $(MAKECMDGOALS),run)'"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: install it (apt install python3-venv)"; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run.stamp: .venv/venv.stamp requirements.lock pyproject.toml
	@echo "installing Tocsin into .venv ..."
	@$(BIN)/python $(INSTALL) -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv/test.stamp: .venv/run.stamp tests/requirements.lock
	@echo "installing what the tests need into .venv ..."
	@$(BIN)/python $(INSTALL) -r tests/requirements.lock
	@touch $@

.venv/gen.stamp: .venv/venv.stamp protos/requirements.lock
	@echo "installing the generators into .venv/gen ..."
	@$(PYTHON) -m venv .venv/gen
	@.venv/gen/bin/python $(INSTALL) -r protos/requirements.lock
	@touch $@
