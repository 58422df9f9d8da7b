# The front door of Raccord. Bare `make` explains the targets: the text after `##` is what it prints.

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
INSTALL := @$(PYTHON) scripts/install.py
BIN := .venv/bin

# About 60,000: some 120 schools, CFA and agricultural schools.
PUPILS ?= 58000
PORT ?= 8000

# Options handed to pytest: make test PYTEST="-k siecle -x"
PYTEST ?=
# Two workers: on the two cores of a small machine more of them only wait for each other.
WORKERS ?= 2

.PHONY: help install demo test lint format bench bench-large lock clean

help: ## explique ces commandes
	@echo "Raccord : ne perdre aucun jeune de vue."
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

install: ## prépare .venv, avec la commande .venv/bin/raccord
	$(INSTALL) runtime

demo: ## ouvre le service avec un territoire inventé, et donne un compte par rôle
	$(INSTALL) runtime
	@$(BIN)/raccord demo --pupils $(PUPILS) --port $(PORT)

test: ## installe ce que les tests demandent et les passe tous
	$(INSTALL) runtime dev
	@$(PYTHON) scripts/prepare_tests.py
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder $(PYTEST)

lint: ## vérifie la forme, les types, l'ordre des pièces et la longueur des fichiers
	$(INSTALL) runtime dev
	@failed=; \
	$(BIN)/ruff check --output-format concise . || failed="$$failed ruff-check"; \
	$(BIN)/ruff format --check --output-format concise . || failed="$$failed ruff-format"; \
	$(BIN)/mypy || failed="$$failed mypy"; \
	$(BIN)/lint-imports --no-logo || failed="$$failed import-linter"; \
	$(BIN)/djlint --lint --quiet src/raccord || failed="$$failed djlint"; \
	$(BIN)/python scripts/check_tree.py || failed="$$failed check_tree"; \
	if [ -n "$$failed" ]; then echo "À corriger :$$failed"; exit 1; fi

format: ## met les fichiers en forme et corrige ce qui se corrige seul
	$(INSTALL) runtime dev
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: ## mesure vitesse et justesse côte à côte (un million d'élèves) et écrit docs/benchmarks.md
	$(INSTALL) runtime dev bench
	@$(BIN)/python benchmarks/run.py

bench-large: ## la même mesure sur quinze millions d'élèves
	$(INSTALL) runtime dev bench
	@$(BIN)/python benchmarks/run.py --large

lock: ## recompile requirements/*.txt depuis pyproject.toml
	$(INSTALL) runtime
	@$(BIN)/python scripts/lock.py

clean: ## retire l'environnement, les caches et tout ce qui a été produit (var/)
	@rm -rf .venv var build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
