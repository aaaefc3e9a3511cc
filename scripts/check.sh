#!/bin/sh
# The checks that run no product code: style, format, types, and the table of who may import whom.
set -u
cd "$(dirname "$0")/.."
failed=0
.venv/bin/ruff check . || failed=1
.venv/bin/ruff format --check . || failed=1
.venv/bin/mypy || failed=1
.venv/bin/python -m pytest -q tests/test_architecture.py tests/test_repository.py || failed=1
exit $failed
