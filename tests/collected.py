"""Which tests there are, before any is deselected: for tests that look at the others."""

from __future__ import annotations

import pytest

#: Every test that was collected in this run.
COLLECTED = pytest.StashKey[tuple[pytest.Item, ...]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Remember them all: what `-k` and `-m` leave out is left out later."""
    config.stash[COLLECTED] = tuple(items)
