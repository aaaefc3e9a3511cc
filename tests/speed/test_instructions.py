"""A ceremony takes the instructions that were written down: a guard that no busy machine disturbs."""

from __future__ import annotations

import pytest
from bench import instructions, results

RECORD = results.read("instructions")
#: With another Python or another cryptography the counts are others; they are then a guard against blunders alone.
BOUND = 1.1 if RECORD["made_with"] == instructions.made_with() else 1.5


@pytest.mark.speed
@pytest.mark.needs("valgrind")
@pytest.mark.parametrize("name", instructions.NAMES)
def test_as_many_as_written_down(name):
    found = instructions.count(name)
    assert found <= BOUND * RECORD["counts"][name], "python -m bench instructions writes down what is right"
