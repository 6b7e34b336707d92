# Each target does one visible thing and may be repeated. A machine needs Python 3.11 or later and make, nothing more.
# PYTHON chooses the interpreter that makes .venv; ARGS goes to pytest, NAME to the benchmarks, PORT to the web server.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
APPS := accounts config energy enterprises incentives lib parks reports tenancy
SOURCES := $(APPS) benchmarks tools tests manage.py

installed := .stamps/installed
built := .stamps/frontend
translated := .stamps/translations
catalogues := $(wildcard locale/*/LC_MESSAGES/django.po)
frontend_sources := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help build run test lint format bench lock messages clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

build: $(installed) $(built) $(translated) ## install and build everything, start nothing

run: $(installed) $(built) $(translated) ## start everything and print the address and the demo accounts
	@$(BIN)/python -m config.supervisor

test: $(installed) $(built) $(translated) ## run the tests; ARGS="tests/parks -q" narrows them
	$(BIN)/pytest $(or $(ARGS),-n 2 --dist worksteal)

lint: $(installed) $(translated) ## check style, types, layers, templates, security, translations
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml $(APPS) benchmarks tools manage.py
	$(BIN)/python tools/requirements.py --check
	$(BIN)/python tools/messages.py --check

format: $(installed) ## rewrite the Python sources in the house format
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

bench: $(installed) $(built) $(translated) ## measure the claims; NAME=scopes measures one
	@$(BIN)/python -m benchmarks $(NAME)

lock: $(installed) ## resolve requirements/*.in anew into the hashed lock files
	$(BIN)/python tools/requirements.py --lock

messages: $(installed) ## collect the translatable strings into the catalogues
	$(BIN)/python tools/messages.py --update

clean: ## remove what was built, but neither .venv nor the data in var/
	rm -rf .stamps frontend/dist frontend/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find $(APPS) benchmarks tools tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The lock file carries the hash of every package, so that an unchanged lock means an unchanged environment.
$(installed): requirements/dev.txt tools/install.py tools/check_python.py
	@$(PYTHON) tools/check_python.py
	@$(PYTHON) tools/install.py $(VENV) requirements/dev.txt
	@mkdir -p $(@D) && touch $@

$(built): $(installed) $(frontend_sources) tools/build_frontend.py
	@$(BIN)/python tools/build_frontend.py
	@mkdir -p $(@D) && touch $@

$(translated): $(installed) $(catalogues) tools/messages.py
	@$(BIN)/python tools/messages.py --compile
	@mkdir -p $(@D) && touch $@
