"""The examples of the guides run, one after another, as a reader would type them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "docs" / "how-to"
GUIDES = [
    "choose-a-policy",
    "confirm-an-action",
    "confirm-payments",
    "hide-who-has-an-account",
    "judge-a-recording",
    "keep-passkey-managers-in-step",
    "share-passkeys-between-sites",
    "use-extensions",
]


@pytest.mark.parametrize("name", GUIDES)
def test_the_examples_run(name, capsys):
    path = FOLDER / f"{name}.md"
    examples = re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert examples
    names: dict[str, object] = {"__name__": "guide"}
    for example in examples:
        exec(compile(example, str(path), "exec"), names)
