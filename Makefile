# The two commands of a fresh machine are `make crawl` and `make test`; both set up what they need.
PYTHON ?= python3
BIN := .venv/bin
# Scratch space that belongs to no version of the project.
OLDEST := .venv/oldest
TOOLS := .venv/tools
FUZZ := .venv/fuzz

.PHONY: crawl test test-unit test-tools test-pythons coverage check chaos fuzz format calendars lock clean

# With URL: the real site, politely, into data/. Without: the bundled sample site into data/demo.
# ARGS adds any arguments of `scrapy crawl`, e.g. ARGS="-a depth=2 -a limit=50". What is shown at the end
# is from the folder of the crawl: of ARGS, DATA_DIR is the one setting that this needs, too.
FOLDER = $(addprefix -s ,$(filter DATA_DIR=%,$(ARGS)))
crawl: .venv/crawl
ifdef URL
	$(BIN)/scrapy crawl longbridge -a 'url=$(URL)' $(ARGS) && $(BIN)/scrapy head $(FOLDER)
else
	rm -rf data/demo
	$(BIN)/python -m newscrawl.sample_site \
		$(BIN)/scrapy crawl longbridge -a 'url={origin}/en/news/290118204.md' -a depth=3 \
		-s DOWNLOAD_DELAY=0 -s CONCURRENT_REQUESTS=8 -s CONCURRENT_REQUESTS_PER_DOMAIN=8 \
		-s DATA_DIR=data/demo $(ARGS)
	$(BIN)/scrapy head -s DATA_DIR=data/demo $(FOLDER)
endif

# Everything on the newest python-dateutil; then the dates once more on the oldest major in bounds.
# WORKERS processes share the files of tests out among them; a file stays with one of them. Two for each core:
# many tests wait for a crawl, or for a pause to pass.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
test: .venv/test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile
	PYTHONPATH=$(OLDEST) $(BIN)/python -m pytest -q tests/refine/test_dates.py

# What starts no crawl and no server, but for the tests that are marked as slow.
UNIT := tests/archive tests/database/test_statements.py tests/database/test_thread.py tests/lifecycle tests/middlewares tests/pipelines tests/queue tests/refine \
	tests/sites tests/symbols tests/text tests/test_arguments.py tests/test_card.py tests/test_packages.py \
	tests/test_plan.py tests/test_quiet.py tests/test_verdict.py
test-unit: .venv/test
	$(BIN)/python -m pytest -q -n $(WORKERS) -m 'not slow' $(UNIT)

# The same tests as `make test`, in the crawls that they start too; fails below 90 % of branches.
coverage: .venv/test
	rm -f .coverage .coverage.*
	$(BIN)/python -m coverage run -m pytest -q -n $(WORKERS) --dist loadfile
	$(BIN)/python -m coverage combine -q
	$(BIN)/python -m coverage report

# The unit tests and the whole job on each other Python from 3.11 to 3.14 that is found (noxfile.py). All tests
# there: .venv/bin/python -m nox -- tests
test-pythons: .venv/test
	$(BIN)/python -m nox -- -m 'not slow' $(UNIT) tests/crawl/test_crawl_results.py

# The project with other people's tools: those that run it, and those that read what it writes. They are large,
# so they have an environment of their own; the tests' common conftest.py, which needs what they lack, stays out.
test-tools: $(TOOLS)/installed
	$(TOOLS)/bin/python -m pytest --confcutdir=tests/tools tests/tools

# Kills crawls at random moments and inside every critical section, KILLS times on each engine; and as often, on
# PostgreSQL: server restarts, terminated connections, equal worker names; silent networks a tenth as often.
KILLS ?= 200
chaos: .venv/test
	$(BIN)/python -m tests.chaos.run --kills $(KILLS)

# Makes pages for MINUTES, first by coverage (atheris, which only this needs), then by Hypothesis. What is found is in
# FOUND. `make test` runs over tests/fuzz/found and some pages more.
MINUTES ?= 10
FOUND ?= .fuzz
fuzz: .venv/test $(FUZZ)/installed
	PYTHONPATH=$(FUZZ) $(BIN)/python -m tests.fuzz.by_atheris $(MINUTES) $(FOUND)
	$(BIN)/python -m tests.fuzz.by_hypothesis $(MINUTES) $(FOUND)

check: .venv/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/scrapy-lint
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_docs.py tests/test_conventions.py

format: .venv/test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The tables of trading days, from exchange-calendars. CONTRIBUTING.md says when to run it.
calendars: .venv/test
	$(BIN)/python -m tests.refine.make_trading_days

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		f"expected Python 3.11 or newer, found {sys.version.split()[0]}; try make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/crawl: requirements.lock | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/test: requirements-dev.lock requirements-oldest.lock | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	rm -rf $(OLDEST)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps \
		--target $(OLDEST) -r requirements-oldest.lock
	@touch $@ .venv/crawl

# Made anew each time, so that nothing stays in it that the lock file does not name.
$(TOOLS)/installed: requirements-tools.lock | .venv/bin/python
	rm -rf $(TOOLS)
	$(BIN)/python -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@touch $@

$(FUZZ)/installed: requirements-fuzz.lock | .venv/bin/python
	rm -rf $(FUZZ)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps \
		--target $(FUZZ) -r requirements-fuzz.lock
	@touch $@

# The versions that these commands install. Run it after a change of pyproject.toml. It keeps what is there and
# fits; ARGS='-P NAME' takes the newest of a package.
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links -q $(ARGS)
lock:
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --group dev pyproject.toml -o requirements-dev.lock
	$(LOCK) --group tools -c requirements-dev.lock pyproject.toml -o requirements-tools.lock
	$(LOCK) --group pyproject.toml:fuzz -o requirements-fuzz.lock
	echo 'python-dateutil==2.9.0.post0' | $(LOCK) - -o requirements-oldest.lock

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
