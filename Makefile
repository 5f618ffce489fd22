# What can be done with a clone of Leadline. `make` alone lists the targets.
#
# Everything that is installed goes into .venv and node_modules inside this folder. Stamp files
# remember what was installed from which lock file, so a second call has nothing to do.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Compiled modules are kept: a start that compiles everything takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PYTHON ?= python3
# DEMO=0 starts an empty workspace of your own instead of the demo.
DEMO ?= 1
PORT ?= 8000
DATA ?= $(if $(filter 0,$(DEMO)),data/own,data/demo)

# A server gets what it runs and no tools of development; each remembers its own.
FOR := $(filter server,$(MAKECMDGOALS))
PYTHON_READY := .venv/.synced$(if $(FOR),-$(FOR))
NODE_READY := node_modules/.installed
BUILT := leadline/web/static/built/.built
ASSETS := $(shell find leadline/web/assets -type f 2>/dev/null)

MESSAGES := $(patsubst %.po,%.mo,$(wildcard leadline/locale/*/LC_MESSAGES/django.po))

.PHONY: help setup server run test check bench torture screens messages clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(PYTHON_READY) $(BUILT) $(MESSAGES) ## install what the locks name and build the assets

server: $(PYTHON_READY) $(BUILT) $(MESSAGES) ## the same without the tools of development

run: setup ## build the demo on first use, start everything, print how to sign in
	@PORT=$(PORT) DATA=$(DATA) DEMO=$(DEMO) ASKED='$(origin DEMO)' scripts/run.sh

test: setup ## every test on SQLite, then verbs, races and parity on PostgreSQL
	@scripts/test.sh

check: setup ## style, types, layers, templates, migrations, locks
	@scripts/check.sh

bench: setup ## measure, print JSON beside the physical limits
	@scripts/bench.sh

torture: setup ## the long rest: kill -9 rounds, large properties, all of PostgreSQL
	@scripts/tools.sh chromium postgresql
	@$(BIN)/python -m pytest --torture -m torture
	@$(BIN)/python -m pytest --torture --postgres -m once

screens: setup ## take the pictures in docs/screens again
	@scripts/tools.sh chromium
	@$(BIN)/python scripts/screens.py

messages: setup ## read the texts of the sources into the catalogues of translations
	@LEADLINE_SECRET_KEY=$${LEADLINE_SECRET_KEY:-only-for-reading-texts-xxxxxxxxxxxxxxxxxxxxx} \
	    $(BIN)/python scripts/messages.py update compile

clean: ## remove what was built, never data/
	rm -rf build dist node_modules $(dir $(BUILT)) .venv

$(PYTHON_READY): pyproject.toml uv.lock scripts/sync.sh
	@PYTHON=$(PYTHON) scripts/sync.sh $(FOR)
	@touch $@

$(NODE_READY): package.json package-lock.json
	@scripts/node.sh $(FOR)
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT): $(NODE_READY) $(ASSETS)
	@npm run --silent build
	@mkdir -p $(@D) && touch $@

leadline/locale/%.mo: leadline/locale/%.po scripts/messages.py | $(PYTHON_READY)
	@$(BIN)/python scripts/messages.py compile
