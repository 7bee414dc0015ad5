# Everything a newcomer needs: `make demo` and `make test` set themselves up in .venv.
# BACKEND is tensorflow-cpu (Linux on x86-64), tensorflow (other systems, and GPUs), jax or torch.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BACKEND ?= tensorflow-cpu
BACKENDS_VENV := .venv-backends
# For `make test-all`: which part of all combinations, and on what. PyTorch runs tiny models step by step in
# a quarter of TensorFlow's time; ALL_ON=tensorflow or jax for the others.
SHARD ?= 1/1
ALL_ON ?= torch
PIP := -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
export TF_CPP_MIN_LOG_LEVEL ?= 3

.DEFAULT_GOAL := help
.PHONY: help install demo test bench-peers browser test-browser test-formats test-trackers test-tables test-ray test-kills test-distributed test-all test-backends lint format docs clean

help: ## Show what there is to make.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

install: $(VENV)/installed ## Build .venv with the package and its TensorFlow back end.

$(VENV)/installed: pyproject.toml constraints.txt
	@echo "Installing into $(VENV); this happens once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP) --editable '.[$(BACKEND)]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Installing the tools for development; this happens once."
	@$(BIN)/python scripts/dependency_group.py dev | xargs $(BIN)/python $(PIP)
	@touch $@

demo: $(VENV)/installed ## Train the article's model on the embedded digits and show the results.
	@$(BIN)/vae train mnist-5k --recipe article --epochs 15 --batch-size 32 --learning-rate 0.003 --rate-schedule cosine

test: $(VENV)/installed-dev ## Run every test.
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal

$(BACKENDS_VENV)/installed: pyproject.toml constraints.txt
	@echo "Installing JAX and PyTorch into $(BACKENDS_VENV); this happens once."
	@test -x $(BACKENDS_VENV)/bin/python || $(PYTHON) -m venv $(BACKENDS_VENV)
	@$(BACKENDS_VENV)/bin/python $(PIP) --editable '.[jax,torch]'
	@$(PYTHON) scripts/dependency_group.py test | xargs $(BACKENDS_VENV)/bin/python $(PIP)
	@touch $@

bench-peers: ## Install what `python -m benchmarks.speed` compares with into .venv-peers.
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python $(PIP) torch jax pythae==0.1.2

browser: $(VENV)/installed-dev ## Install what drives Chromium: then `make test` looks at every page, too.
	@$(BIN)/python scripts/dependency_group.py browser | xargs $(BIN)/python $(PIP)

test-browser: browser ## Look at every page in Chromium, which Debian calls chromium.
	@$(BIN)/python -m pytest -q --numprocesses auto tests/browser

test-formats: $(VENV)/installed-dev ## Export to LiteRT and OpenVINO, too.
	@$(BIN)/python scripts/dependency_group.py formats | xargs $(BIN)/python $(PIP)
	@$(BIN)/python -m pytest -q tests/exporting

test-trackers: $(VENV)/installed-dev ## Install the trackers' packages, and look at what they keep of a training.
	@$(BIN)/python scripts/dependency_group.py trackers | xargs $(BIN)/python $(PIP)
	@$(BIN)/python -m pytest -q tests/callbacks/test_trackers.py tests/test_tracking_page.py

test-tables: $(VENV)/installed-dev ## Sample four tables after training with no options, and compare: minutes.
	KERAS_VAE_TABLES=1 $(BIN)/python -m pytest --numprocesses auto -rP tests/runs/test_table_samples.py

test-ray: $(VENV)/installed-dev ## Embed and score large tables by two workers of Ray, and kill some.
	@$(BIN)/python $(PIP) --editable '.[$(BACKEND),ray]'
	$(BIN)/python -m pytest -q tests/bulk/test_ray_engine.py

test-kills: $(VENV)/installed-dev ## Kill trainings 20 times and resume them: minutes.
	KERAS_VAE_KILLS=20 $(BIN)/python -m pytest -q tests/runs/test_resume.py -k kills

test-distributed: $(BACKENDS_VENV)/installed $(VENV)/installed-dev ## Train in two processes on JAX and on two replicas of TensorFlow: minutes.
	KERAS_BACKEND=jax $(BACKENDS_VENV)/bin/python -m pytest -q tests/runs/test_distributed.py tests/data/test_shares.py
	KERAS_VAE_DISTRIBUTED=1 $(BIN)/python -m pytest -q tests/runs/test_distributed.py -k tensorflow

test-all: $(if $(filter tensorflow,$(ALL_ON)),$(VENV)/installed-dev,$(BACKENDS_VENV)/installed) ## Try every combination of parts: hours; SHARD=1/8 for an eighth.
	KERAS_BACKEND=$(ALL_ON) OMP_NUM_THREADS=1 KERAS_VAE_ALL=$(SHARD) \
		$(if $(filter tensorflow,$(ALL_ON)),$(BIN),$(BACKENDS_VENV)/bin)/python \
		-m pytest --numprocesses auto -q tests/test_combinations.py -k full_product

test-backends: $(BACKENDS_VENV)/installed ## Run the tests of the mathematics on JAX and on PyTorch.
	KERAS_BACKEND=jax $(BACKENDS_VENV)/bin/python -m pytest -m mathematics
	KERAS_BACKEND=torch $(BACKENDS_VENV)/bin/python -m pytest -m mathematics

lint: $(VENV)/installed-dev ## Check style, types and the direction of imports.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/installed-dev ## Rewrite the code in the project's style.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(VENV)/installed-dev ## Build the documentation into docs/_build/html; a warning is an error.
	@$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet -b html docs docs/_build/html
	@echo "Built docs/_build/html/index.html"

clean: ## Remove what was built, but no run.
	rm -rf $(VENV) $(BACKENDS_VENV) docs/_build build dist
