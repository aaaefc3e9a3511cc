"""A ceremony takes the instructions that were written down: a guard that no busy machine disturbs."""

from __future__ import annotations

import pytest
from bench import instructions, results

#: With the Python and the cryptography of the record, and with others: then it guards against blunders alone.
BOUND, BOUND_ELSEWHERE = 1.1, 1.5


@pytest.mark.speed
@pytest.mark.needs("valgrind")
@pytest.mark.parametrize("name", instructions.NAMES)
def test_as_many_as_written_down(name):
    record = results.read("instructions")
    assert record is not None, "nothing is written down: python -m bench instructions"
    bound = BOUND if record["made_with"] == instructions.made_with() else BOUND_ELSEWHERE
    assert instructions.count(name) <= bound * record["counts"][name], "more? python -m bench instructions"
