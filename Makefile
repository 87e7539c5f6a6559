# Every target prepares what it needs. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
BIOME  := @biomejs/biome@2.3.8

.DEFAULT_GOAL := help
.PHONY: help install report train test quick oldest bench faults resume readme docs wheel pythons lint types clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

$(VENV)/core: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/torch: $(VENV)/core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[torch]'
	@touch $@

$(VENV)/dev: $(VENV)/core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[torch,dev]'
	@touch $@

install: $(VENV)/core  ## create .venv with chainrule in it

report: $(VENV)/torch  ## run what is missing of the practical and write report/index.html, beside the published figures
	$(BIN)/chainrule report

train: $(VENV)/core  ## train the practical's NumPy network on CIFAR-10 (row 1.2)
	$(BIN)/chainrule train mlp-numpy

test: $(VENV)/dev  ## run every test, real CIFAR-10 and PyTorch included
	$(BIN)/python -m pytest -n 2 --dist worksteal

quick: $(VENV)/dev  ## run the tests that need no network and little time
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not cifar10 and not slow and not browser"

oldest:  ## run the quick tests on the oldest versions that are allowed, without PyTorch, in an environment of their own
	test -x $(VENV)-oldest/bin/python || $(PYTHON) -m venv $(VENV)-oldest
	$(VENV)-oldest/bin/python -m pip install --quiet -c constraints-oldest.txt -e '.[test-numpy]'
	$(VENV)-oldest/bin/python -m pytest -m "not cifar10 and not slow and not browser and not torch" \
	  -W ignore::DeprecationWarning

bench: $(VENV)/dev  ## measure the speed of one training step, beside PyTorch and scikit-learn
	$(BIN)/python -m benchmarks

faults: $(VENV)/dev  ## plant mistakes in right backwards, in six styles, and count what is found and named
	$(BIN)/python -m tests.faults

resume: $(VENV)/dev  ## kill training runs at random instants, forty times, and compare their weights
	$(BIN)/python -m pytest -q tests/train/test_resume.py -k "twenty or ten"

readme: $(VENV)/dev  ## write the README's tables from results/
	$(BIN)/python scripts/update_readme.py

docs: $(VENV)/dev  ## build the documentation site, offline: build/docs/index.html; a warning or dead link is an error
	$(BIN)/python scripts/make_site.py

wheel: $(VENV)/dev  ## build the wheel, and try it in a clean environment outside the repository
	$(BIN)/python scripts/try_wheel.py

pythons: $(VENV)/dev  ## try the wheel with each Python that can be had here, and the newest and oldest of all it needs
	$(BIN)/python scripts/try_pythons.py

lint: $(VENV)/dev  ## check style and formatting, of the JavaScript and style sheets too
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@if command -v npx >/dev/null; then npx --yes $(BIOME) ci .; \
	else echo "the JavaScript and the style sheets are not checked: npx is missing; install Node.js"; fi

types: $(VENV)/dev  ## check the types of src
	$(BIN)/mypy

clean:  ## remove the environment and caches (runs and data stay)
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis
