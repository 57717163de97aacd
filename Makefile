.DEFAULT_GOAL := help
PYTHON := .venv/bin/python

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what developing needs into .venv
	@./setup.sh dev

.PHONY: dev
dev: ## start everything on this machine, with simulated vendors
	@./dev.sh

.PHONY: demo
demo: ## play a purchase against a private system, start to end
	@./nextbill demo --fresh

.PHONY: portal
portal: ## build the portal alone, as far as its sources have changed; ./dev.sh does it as well
	@./nextbill portal build

.PHONY: screenshots
screenshots: ## every page of the portal, wide and narrow, light and dark, into frontend/screenshots
	@frontend/e2e/run.sh --screenshots

.PHONY: test
test: ## run all tests
	@./test.sh

.PHONY: check
check: setup ## style, types and import rules, without the tests
	cd backend && ../$(PYTHON) -m ruff check . && ../$(PYTHON) -m ruff format --check . && ../$(PYTHON) -m mypy && ../.venv/bin/lint-imports
	cd clients/python && ../../$(PYTHON) -m ruff check . && ../../$(PYTHON) -m ruff format --check . && ../../$(PYTHON) -m mypy src

.PHONY: format
format: setup ## put the code into its one format
	cd backend && ../$(PYTHON) -m ruff check --fix . && ../$(PYTHON) -m ruff format .
	cd clients/python && ../../$(PYTHON) -m ruff check --fix . && ../../$(PYTHON) -m ruff format .

.PHONY: openapi
openapi: setup ## write the API's description anew after a change that was meant
	@./nextbill openapi

.PHONY: lock
lock: ## lock the newest versions that backend/requirements/*.in allow (needs uv)
	uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url backend/requirements/base.in -o backend/requirements/base.txt
	uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url backend/requirements/node.in -o backend/requirements/node.txt
	uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url backend/requirements/dev.in -o backend/requirements/dev.txt -c backend/requirements/base.txt

.PHONY: clean
clean: ## remove what was installed and the caches; the data in .nextbill stays
	rm -rf .venv .venv.building .setup.lock .setup.log
	find backend clients -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf backend/.pytest_cache backend/.mypy_cache backend/.ruff_cache backend/.import_linter_cache backend/.hypothesis
