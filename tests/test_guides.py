"""The examples of the guides run, one after another, as a reader would type them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

FOLDER = Path(__file__).parents[1] / "docs" / "how-to"
GUIDES = [
    "choose-a-policy",
    "confirm-an-action",
    "confirm-payments",
    "fastapi",
    "flask",
    "hide-who-has-an-account",
    "judge-a-recording",
    "keep-passkey-managers-in-step",
    "share-passkeys-between-sites",
    "use-extensions",
]


@pytest.mark.parametrize("name", GUIDES)
def test_the_examples_run(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = FOLDER / f"{name}.md"
    examples = re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert examples
    names: dict[str, object] = {"__name__": "guide"}
    for example in examples:
        exec(compile(example, str(path), "exec", dont_inherit=True), names)


def test_the_example_of_the_readme_runs():
    """`ask_browser` is the reader's own way to the page; here it is the emulated browser."""
    path = FOLDER.parents[1] / "README.md"
    example, *applications = re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    # The applications are files that run in a browser: tests/browser/test_doors.py.
    doors = FOLDER.parents[1] / "examples" / "doors"
    assert applications == [(doors / f"{name}_app.py").read_text(encoding="utf-8") for name in ("flask", "fastapi")]
    browser = EmulatedBrowser("https://example.org", SoftwareAuthenticator())

    def ask_browser(options: dict[str, Any]) -> dict[str, Any]:
        return browser.create(options) if "rp" in options else browser.get(options)

    names: dict[str, Any] = {"ask_browser": ask_browser}
    exec(compile(example, str(path), "exec", dont_inherit=True), names)
    assert names["authentication"].user_handle == names["user"].id
    assert names["row"] == names["authentication"].record.to_json()
