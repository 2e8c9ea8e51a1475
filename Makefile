# The few commands of this project, the same at a desk and in CI. On Windows, see README.md.
QUARTER ?= 2026Q3
PYTHON  ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
             $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info < (3,14))' 2>/dev/null && echo $$p && break; done)
BIN     := .venv/bin
READY   := .venv/.ready
MEASURE := .venv-bench/.ready

.PHONY: report test browser database check bench bench-outlook bench-run bench-scale lab format messages lock clean
.DEFAULT_GOAL := report

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11、3.12 或 3.13：请先安装，或用 make PYTHON=/路径/python3.11 指明"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

report: $(READY)          ## the quarter's report: make report QUARTER=2026Q3
	$(BIN)/laoyou run $(QUARTER)

test: $(READY) browser database   ## every test
	$(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder

browser:                  # the tests of pages and documents want Chromium and LibreOffice; as root on Debian they are installed
	@{ command -v chromium >/dev/null || command -v google-chrome >/dev/null; } && command -v soffice >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium poppler-utils \
	    libreoffice-writer-nogui libreoffice-calc-nogui >/dev/null; } || true

database:                 # the tests of the ledger start a PostgreSQL of their own; as root on Debian it is installed
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; } || true

check: $(READY)           ## style, types, and the data itself
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/laoyou check

# Its own environment: statsforecast wants an older pandas than the reports.
$(MEASURE): benchmarks/requirements.lock
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11、3.12 或 3.13：请先安装，或用 make PYTHON=/路径/python3.11 指明"; exit 1; }
	$(PYTHON) -m venv --clear .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@touch $@

bench: bench-outlook bench-run bench-scale   ## all of these, into benchmarks/README.md

bench-outlook: $(MEASURE) ## how good the outlook is on real series, into benchmarks/README.md
	PYTHONPATH=. OMP_NUM_THREADS=1 .venv-bench/bin/python benchmarks/measure.py --write

bench-run: $(READY)       ## how long reports take, into benchmarks/README.md
	$(BIN)/python benchmarks/run_speed.py --write

bench-scale: $(READY)     ## how long large things take, into benchmarks/README.md
	$(BIN)/python benchmarks/scale.py --write

lab: $(READY)             ## JupyterLab on the notebooks, with this environment's kernel
	$(BIN)/jupyter lab --notebook-dir=. notebooks/overview.ipynb

format: $(READY)          ## lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(READY)        ## the catalogues of other languages brought in step with the code
	$(BIN)/pybabel -q extract -F pyproject.toml -k tr -k trn:1,1 -k mark -k markn:1,1 --no-location --omit-header -o laoyou/locale/laoyou.pot laoyou
	$(BIN)/pybabel -q update -i laoyou/locale/laoyou.pot -d laoyou/locale -D laoyou --no-fuzzy-matching --ignore-obsolete --omit-header -w 120
	rm laoyou/locale/laoyou.pot

lock: $(READY)            ## resolve the dependencies anew for 3.11 to 3.13 (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  --extra dev pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  benchmarks/requirements.in -o benchmarks/requirements.lock

clean:                    ## remove the environment and the reports
	rm -rf .venv .venv-bench outputs/*/ outputs/index.html
