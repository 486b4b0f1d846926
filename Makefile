PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check format fidelity documents libraries certificate tutorial clean clean-kernels

demo: $(VENV)/installed
	$(BIN)/robench demo --out robench-demo

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -m "not fidelity and not documents"

check: $(VENV)/installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not fidelity and not documents"

# The heavy comparisons with real data; ROBENCH_DATA names a folder with cifar-10-batches-py in it.
fidelity: $(VENV)/installed-test
	$(BIN)/python -m pytest -m fidelity

# Every robench command of README.md and docs/, run on small data.
documents: $(VENV)/installed-test
	$(BIN)/python -m pytest -m documents

# All pixels under the oldest and the newest libraries, in environments below build/libraries; Python 3.11.
libraries: $(VENV)/installed
	$(BIN)/python docs/libraries.py

# docs/certificate.md, from the official CIFAR-10 test set in ROBENCH_DATA.
certificate: $(VENV)/installed
	$(BIN)/python docs/certify.py $(ROBENCH_DATA)

# docs/tutorial.md to the letter, in ./tutorial with an environment of its own. Where ROBENCH_DATA also holds
# weights/resnet20-12fca82f.th, with its part on CIFAR-10.
CIFAR := $(if $(wildcard $(ROBENCH_DATA)/weights/resnet20-12fca82f.th),--cifar $(ROBENCH_DATA) $(ROBENCH_DATA)/weights/resnet20-12fca82f.th)
tutorial:
	rm -rf tutorial
	$(PYTHON) docs/tutorial_script.py $(CIFAR) | bash -ex

format: $(VENV)/installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@

# numba does not notice a change in a kernel that another file imports.
clean-kernels:
	find corruptions baselines -name "*.nb[ci]" -delete

clean:
	rm -rf $(VENV) build dist *.egg-info robench-demo tutorial
