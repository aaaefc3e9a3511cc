"""The guide's examples run, one after another, as a reader would type them."""

from __future__ import annotations

import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "test-your-relying-party.md"


def test_the_examples_run():
    examples = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), flags=re.DOTALL)
    # The last one needs an application; that it is Python is all that can be said here.
    compile(examples[-1], str(GUIDE), "exec")
    names: dict[str, object] = {}
    for example in examples[:-1]:
        exec(compile(example, str(GUIDE), "exec"), names)
    assert "shouting" in names


def test_formats_are_all_named():
    from unlatch.testing.statements import MAKERS

    assert all(name in GUIDE.read_text() for name in MAKERS)
