"""Every row of what the older systems did is named by a test: their ids stand in the tests' names or sentences."""

import re
from pathlib import Path

import pytest

from collected import COLLECTED

HERE = Path(__file__)
TESTS = HERE.parents[1]
ROWS = {
    *(f"WR-{number}" for number in range(1, 11)),
    *(f"FP-{number}" for number in range(1, 8)),
    *(f"RH-{number}" for number in range(1, 12)),
    *(f"WA-{number}" for number in range(1, 15)),
}

# In a sentence: "WA-3", "WA-3 to WA-5". In a name: test_wa_3_to_5_and_9_a_whole_life.
_SENTENCE = re.compile(r"\b(WR|FP|RH|WA)-(\d+)(?: to (?:\1-)?(\d+))?")
_NAME = re.compile(r"def test_(wr|fp|rh|wa)_(\d+(?:_(?:to|and)_\d+)*)_")


def rows_in(text):
    """The ids that a test file names."""
    found = set()
    for system, first, last in _SENTENCE.findall(text):
        found |= {f"{system}-{number}" for number in range(int(first), int(last or first) + 1)}
    for system, numbers in _NAME.findall(text):
        for part in numbers.split("_and_"):
            first, _, last = part.partition("_to_")
            found |= {f"{system.upper()}-{number}" for number in range(int(first), int(last or first) + 1)}
    return found


def test_ids_are_recognised():
    assert rows_in("(WR-1, WA-3 to WA-5)") == {"WR-1", "WA-3", "WA-4", "WA-5"}
    assert rows_in("def test_wa_3_to_5_and_9_a_whole_life():") == {"WA-3", "WA-4", "WA-5", "WA-9"}
    assert rows_in("def test_rh_11_x(): ...") == {"RH-11"}
    assert rows_in("def test_rh_1_2_things(): ...") == {"RH-1"}


def test_every_row_is_named_by_a_test(request):
    """By a test that is collected and not marked to be skipped; comments and files that nobody runs count nothing."""
    tests = request.config.stash[COLLECTED]
    files = {path for path in TESTS.rglob("test_*.py") if path != HERE and rows_in(path.read_text("utf-8"))}
    if files - {test.path for test in tests}:
        pytest.skip("only where all tests are collected: pytest tests")
    run = [test for test in tests if test.path in files and not any(test.iter_markers("skip"))]
    named = (f"def {test.originalname}(): {test.function.__doc__}" for test in run)
    assert ROWS.difference(*map(rows_in, named)) == set()
