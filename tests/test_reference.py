"""The reference pages are what the tables say, and no code is without its meaning."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def reference(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import reference

    yield reference
    for name in ("reference", "code_meanings"):
        sys.modules.pop(name, None)


def test_every_code_has_its_meaning(reference):
    assert reference.undocumented() == []


def test_the_pages_are_those_that_the_script_writes(reference):
    for name, text in reference.pages().items():
        assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == text, "run scripts/reference.py"


def test_every_link_between_the_pages_leads_somewhere(reference):
    import re

    pages = reference.pages()
    for anchor in re.findall(r"errors\.md#(\w+)", pages["steps.md"]):
        assert f'id="{anchor}"' in pages["errors.md"]
