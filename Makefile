# Everything a newcomer or a developer runs. Every target sets up what it needs; see README.md.

SHELL := /usr/bin/env bash
PYTHON := .venv/bin/python
MANAGE := $(PYTHON) manage.py
# Packages are compiled when they are first imported (scripts/venv.sh): without keeping that, every process begins anew.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run test dev check fix schemas bench soak providers credentials lock migrations
.DEFAULT_GOAL := help

help:  ## Say what there is.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run:  ## Set up, then serve http://127.0.0.1:8000 with demo data, in one process.
	@scripts/venv.sh base
	@scripts/frontend.sh build
	@exec $(MANAGE) serve --prepare

test:  ## Every check and every test.
	@scripts/setup.sh
	@scripts/test.sh $(ARGS)

dev:  ## Serve and watch: the server restarts and the browser reloads when a source changes.
	@scripts/venv.sh dev
	@scripts/frontend.sh modules
	@scripts/frontend.sh build
	@$(MANAGE) prepare
	@scripts/dev.sh

check:  ## Format, lint, types, import contracts, generated files, migrations.
	@scripts/venv.sh dev
	@scripts/frontend.sh modules
	@scripts/check.sh

fix:  ## Repair what tools can repair.
	@scripts/venv.sh dev
	@scripts/frontend.sh modules
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format --quiet .
	@npm --prefix frontend run --silent lint -- --fix

schemas:  ## Write what is generated from the code: the widgets' reference.
	@scripts/venv.sh dev
	@$(MANAGE) schemas

migrations:  ## Write migrations for changed models.
	@scripts/venv.sh base
	@$(MANAGE) makemigrations

bench:  ## Measure everything beside floors and a peer; tables go to bench/results. ARGS=--quick for less.
	@scripts/venv.sh dev
	@$(PYTHON) -m bench $(ARGS)

soak:  ## Ten thousand conversations while everything is killed, and a checker; ARGS="--customers 500 --kills 20".
	@scripts/venv.sh dev
	@$(PYTHON) -m tests.soak $(ARGS)

providers:  ## Stand-ins for Twilio, Meta and Google beside a running server, and a page to play their customers on.
	@scripts/venv.sh dev
	@exec $(PYTHON) -m tests.standins.demo $(ARGS)

credentials:  ## The demo account's addresses and secrets, as JSON.
	@scripts/venv.sh base >&2
	@$(MANAGE) credentials

lock:  ## Lock the newest versions that requirements/*.in allow.
	@scripts/venv.sh dev
	@scripts/lock.sh
