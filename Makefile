# Every target makes its own virtual environment in .venv; PYTHON chooses the interpreter it is made from.
PYTHON ?= python3
PYTEST_ARGS ?= --numprocesses 2 --dist loadfile --max-worker-restart 0
BIN = .venv/bin

.PHONY: help demo test lint clean distclean
.NOTPARALLEL:

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1@\2/p' Makefile | awk -F @ '{ printf "make %-10s %s\n", $$1, $$2 }'

demo: .venv/.installed-demo ## segment a made case and write labels, a picture and a table to out/demo
	$(BIN)/braintumorvaeseg demo --out out/demo

test: lint ## run lint, then the tests: all that a change must pass
	$(BIN)/pytest $(PYTEST_ARGS)

lint: .venv/.installed-dev ## check style, format, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

clean: ## remove outputs and caches, but no training runs
	rm -rf out dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find BrainTumorVAESeg Testing -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove the virtual environment as well
	rm -rf .venv

# The development set holds all that the demo needs, so that installing it marks both.
.venv/.installed-demo: pyproject.toml constraints.txt
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c constraints.txt -e '.[cli,report]'
	touch $@

.venv/.installed-dev: pyproject.toml constraints.txt
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	touch .venv/.installed-demo $@
