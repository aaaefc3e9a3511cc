"""Nothing has become half as slow again: each ceremony against the bare signature, in one run, as it was written down.

The machine that runs this is another than the one of the record, and may be busy; therefore ratios, a generous bound,
and the best of some attempts: noise makes slower, a regression makes every attempt slow.
"""

from __future__ import annotations

import pytest
from bench import results

from unlatch.cli.bench import clock, own
from unlatch.cli.bench.ceremonies import ROWS, record_ceremony

BOUND = 1.5
ATTEMPTS = 4


@pytest.fixture(scope="module")
def recorded():
    """Row -> what it took of the floor."""
    value = results.read("ceremonies")
    assert value is not None, "nothing is written down: python -m bench ceremonies"
    return {row["row"]: row["ratios"][own.FLOOR]["value"] for row in value["rows"] if own.FLOOR in row["ratios"]}


@pytest.mark.speed
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_as_fast_as_written_down(row, recorded):
    ceremony = record_ceremony(row)
    signed = ceremony if row.kind == "authentication" else record_ceremony(ROWS[0])
    functions = {"ours": own.finish(ceremony), "floor": own.floors(signed)[own.FLOOR]}
    found = []
    for _ in range(ATTEMPTS):
        samples = clock.interleave(functions, rounds=100)
        found.append(min(samples["ours"].blocks) / min(samples["floor"].blocks))
        if found[-1] <= BOUND * recorded[row.name]:
            return
    pytest.fail(f"{row.name} takes {min(found):.2f} of the floor; written down is {recorded[row.name]}")
