# Type `make` for the list of commands. Needs Python 3.11 or newer, make and git; nothing else.
# Every command first makes .venv if it is not there or no longer right: see tools/make_env.py.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup lab test nbval browser compat matrix parity proof tested notebooks lint bench dist \
	stamp lock clean

PY := .venv/bin/python
UV ?= uv
CHROMIUM ?= $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))
LAB_FLAGS ?=
NOTEBOOKS ?=
PARTS ?=
ROWS ?=
ONLY ?=
RECORD ?=
RETRY ?=
empty :=
space := $(empty) $(empty)
page = $(or $(wildcard notebooks/$(1)*.ipynb),$(error No notebook begins with "$(1)". Likely fix: NOTEBOOKS="04 06"))
ANY = $(subst $(space), or ,$(foreach n,$(NOTEBOOKS),$(patsubst notebooks/%.ipynb,[%,$(call page,$(n)))))
JOBS ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
PYTEST := $(PY) -m pytest -n $(JOBS) --dist loadscope

# With RECORD=yes a whole run of pytest, and no part of one, goes to tests/runs.json, and so into TESTED.md.
record = $(if $(NOTEBOOKS)$(ONLY)$(RETRY),,$(if $(RECORD),$(PY) tools/record.py $(1) $(2)))

# What other projects left in the environment must not change what runs here. XLA_FLAGS may.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONWARNINGS PYTHONOPTIMIZE PYTHONPLATLIBDIR
unexport PYTHONSAFEPATH PYTHONDEVMODE
unexport PYTEST_ADDOPTS PYTEST_PLUGINS PYTEST_DISABLE_PLUGIN_AUTOLOAD
unexport VIRTUAL_ENV MPLBACKEND MATPLOTLIBRC JUPYTER_PATH
# Nor what someone's shell tells JAX about numbers: stored outputs were made with its defaults.
unexport JAX_ENABLE_X64 JAX_DEFAULT_PRNG_IMPL JAX_THREEFRY_PARTITIONABLE JAX_DISABLE_JIT
unexport JAX_DEFAULT_MATMUL_PRECISION JAX_NUMPY_RANK_PROMOTION JAX_NUMPY_DTYPE_PROMOTION
unexport JAX_DEBUG_NANS JAX_DEBUG_KEY_REUSE

# The kernel is that of .venv, not one that another project left in the home folder.
export JUPYTER_PREFER_ENV_PATH := 1
# Tests and stored outputs: on the CPU, no display, no sound, nobody's IPython start-up files.
test nbval compat matrix parity proof notebooks bench: export JAX_PLATFORMS := cpu
test nbval compat matrix parity proof notebooks bench: export SDL_VIDEODRIVER := dummy
test nbval compat matrix parity proof notebooks bench: export SDL_AUDIODRIVER := dummy
test nbval matrix proof notebooks: export IPYTHONDIR := $(CURDIR)/.venv/ipython

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile | expand -t 20

setup: ## make .venv from the locks (PYTHON=/path/to/python3 chooses one)
	@python='$(PYTHON)'; stamp=.venv/made-from.json; \
	if [ -z "$$python" ] && [ -f $$stamp ] && $(PY) -I -c '' 2>/dev/null; then python=$(PY); \
	else python=$$(sh tools/find_python.sh "$$python") || exit 1; fi; \
	"$$python" -I tools/make_env.py

lab: setup ## open the first notebook in JupyterLab (LAB_FLAGS="--no-browser --port 8889" ...)
	@root=; [ "$$(id -u)" != 0 ] || root=--allow-root; \
	PATH="$(CURDIR)/.venv/bin:$$PATH" exec $(PY) -m jupyterlab $$root --ServerApp.root_dir=. \
		--LabApp.default_url=/lab/tree/notebooks/00_meet_cartpole.ipynb $(LAB_FLAGS)

test: setup ## lint, unit tests, then every notebook under strict nbval
	@$(MAKE) --no-print-directory lint
	$(call record,test-unit,$(PY)) $(PYTEST) tests
	@$(MAKE) --no-print-directory nbval

nbval: setup ## run notebooks, compare what they print with what is stored (NOTEBOOKS="01 04": only those)
	$(call record,test-pages,$(PY)) $(PYTEST) --nbval $(or $(foreach n,$(NOTEBOOKS),$(call page,$(n))),notebooks)

browser: setup ## move every slider, press every button in a real JupyterLab (needs Chromium; NOTEBOOKS=...)
	@[ -n '$(CHROMIUM)' ] && '$(CHROMIUM)' --version >/dev/null 2>&1 || { echo "make browser" \
		"needs Chromium, and found none. Likely fix: sudo apt install chromium, or" \
		"make browser CHROMIUM=/path/to/chromium" >&2; exit 1; }
	@$(PY) tools/side_env.py browser
	CHROMIUM='$(CHROMIUM)' $(call record,browser,$(PY)) .venv-browser/bin/python -m pytest \
		-c tests/browser/pytest.ini --durations 3 $(RETRY) \
		$(if $(NOTEBOOKS),-k "not everything_moves or $(ANY)") tests/browser

compat: setup ## unit tests and notebooks with the versions that Colab has (needs Python 3.13; NOTEBOOKS=...)
	@$(PY) tools/side_env.py colab
	$(call record,compat-unit,.venv-compat/bin/python) .venv-compat/bin/python -m pytest -n $(JOBS) \
		--dist loadscope -o filterwarnings=default @tests/brief.args $(or $(ONLY),tests)
	$(call record,compat-pages,.venv-compat/bin/python) $(PYTEST) -c tests/compat/pytest.ini \
		--dist load $(if $(NOTEBOOKS),-k "$(ANY) or setup or upgrade") tests/compat

matrix: setup ## tests with other Pythons, versions and processors, for hours (ROWS="lowest newest": only those)
	@$(PY) tools/matrix.py $(ROWS) --jobs $(JOBS) $(if $(ONLY),--only $(ONLY))

parity: setup ## the mathematics beside rlax's, the cart beside gymnax's and Gymnasium's
	@$(PY) tools/side_env.py parity
	$(call record,parity,.venv-parity/bin/python) .venv-parity/bin/python -m pytest -c tests/parity/pytest.ini tests/parity

proof: setup ## coverage, random order, no network, JAX's own checks, mutants; for hours (ROWS="coverage keys")
	@$(PY) tools/proof.py $(ROWS) --jobs $(JOBS)

tested: setup ## TESTED.md from what the runs left behind
	@$(PY) tools/tested.py

notebooks: setup ## run notebooks/src/*.py and store the outputs (NOTEBOOKS="01 04": only those)
	@$(PY) tools/build_notebooks.py --jobs $(JOBS) $(NOTEBOOKS)
	@$(PY) tools/export_pictures.py

lint: setup ## ruff: errors, then layout
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

bench: setup ## speed and learning beside the alternatives (PARTS="a c": only those; PARTS="b" ONLY="rejax")
	@$(PY) benchmarks/bench.py $(PARTS) $(if $(ONLY),--only $(ONLY))

dist: setup ## the wheel, in dist/ (no network needed)
	@$(PY) -m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation \
		--no-index --wheel-dir dist . && ls dist/*.whl

stamp: setup ## write the public address into all notebooks: REPO=owner/name REF=tag
	@$(PY) tools/stamp.py $(REPO) $(REF)

lock: ## resolve the locks anew (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	@options='--universal --generate-hashes --python-version 3.11 --no-emit-index-url'; \
	options="$$options --no-header --no-annotate --quiet --upgrade"; \
	$(UV) pip compile $$options --group pyproject.toml:build -o requirements-build.lock && \
	$(UV) pip compile $$options --group pyproject.toml:browser -o requirements-browser.lock && \
	$(UV) pip compile $$options --extra notebooks --extra test -o requirements.lock pyproject.toml

clean: ## remove what these commands made, .venv included
	rm -rf .venv .venv-* .venv.lock .artefacts dist build .pytest_cache .ruff_cache .hypothesis
	find . \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
