# make demo   set up everything and run the product with real content on http://127.0.0.1:8000
# make test   set up everything and run the tests
#
# Needs Python 3.11 or newer with venv, and nothing else. Both are safe to repeat; only what changed is done again.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
export PORT

.PHONY: demo test lint lock clean

demo: $(VENV)/installed
	@$(BIN)/python manage.py demo

# All cores, and tables as the models now are; `.venv/bin/pytest tests/quizzes -k save` is quicker while working.
test: $(VENV)/installed-dev
	@$(BIN)/pytest -n auto --maxprocesses 8 --dist worksteal --create-db

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@git ls-files -z -- '*.html' | xargs -0r $(BIN)/djade --target-version 5.2 --check
	@$(BIN)/lint-imports
	@$(BIN)/mypy

# The exact packages, by hash. The tests' list holds the product's list at the same versions.
$(VENV)/installed: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the product's packages (about half a minute, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the product's and the tests' packages (about a minute, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(VENV)/installed $@

# Hashed and without registry addresses, for every Python from 3.11 on every platform.
lock: $(VENV)/installed-dev
	$(BIN)/uv pip compile --generate-hashes --universal --python-version 3.11 --no-header -q requirements.in -o requirements.txt
	$(BIN)/uv pip compile --generate-hashes --universal --python-version 3.11 --no-header -q -c requirements.txt requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf $(VENV) .cache var
