# The front door. `make serve` and `make test` need nothing but Python 3.11 or newer and this file.

# Where the server keeps its SQLite file, and options for it: make serve DATA=/srv/unlatch OPTIONS="--port 9000"
DATA ?= var
OPTIONS ?=

.PHONY: help serve test check bench fuzz mutants docs format requirements clean

help:
	@echo "make serve         the passkey server on http://localhost:8000, data in $(DATA)/"
	@echo "make test          everything that must hold: checks, tests, coverage"
	@echo "make check         style, types and the import table alone"
	@echo "make bench         library and server against others, to bench/results/ and docs/reference/benchmarks.md (QUICK=1: only try)"
	@echo "make fuzz          every decoder and both finish calls, FUZZ_SECONDS (60) for each; TARGETS=\"cbor der\" for some"
	@echo "make mutants       do the tests notice every change to floors 1 to 4? PARTS=\"steps wire\" for some"
	@echo "make docs          the documentation site, to site/"
	@echo "make format        let ruff format and sort the source"
	@echo "make requirements  compile requirements/*.txt again (UPGRADE=1: take newer versions)"
	@echo "make clean         remove the virtual environments and caches, never data"

serve:
	@scripts/setup.sh server .venv
	@exec .venv/bin/python scripts/serve.py --data "$(DATA)" $(OPTIONS)

test:
	@scripts/test.sh

check:
	@scripts/setup.sh dev .venv
	@scripts/check.sh

bench:
	@scripts/setup.sh dev .venv
	@scripts/bench.sh
	@.venv/bin/python -m bench $(if $(QUICK),--quick)

fuzz:
	@scripts/setup.sh dev .venv
	@.venv/bin/python -m fuzz run $(TARGETS)

mutants:
	@scripts/setup.sh mutants .venv-mutants
	@.venv-mutants/bin/python scripts/mutants.py $(PARTS)

docs:
	@scripts/setup.sh dev .venv
	@NO_MKDOCS_2_WARNING=1 .venv/bin/python -m mkdocs build --quiet
	@echo "The documentation is in site/index.html"

format:
	@scripts/setup.sh dev .venv
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

requirements:
	@scripts/setup.sh dev .venv
	@scripts/requirements.sh $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* dist .mutants
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
