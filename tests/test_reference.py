"""The reference pages are what the tables say, and no code is without its meaning."""

import json
import os
import subprocess
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


def test_the_pages_are_those_that_the_script_writes():
    # In a process of its own, as the script is run: click keeps what it made for an earlier call of a command.
    command = [sys.executable, "-c", "import json, reference; print(json.dumps(reference.pages()))"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT / "scripts")))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    for name, text in json.loads(done.stdout).items():
        assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == text, "run scripts/reference.py"


def test_every_link_between_the_pages_leads_somewhere(reference):
    import re

    pages = reference.pages()
    for anchor in re.findall(r"errors\.md#(\w+)", pages["steps.md"]):
        assert f'id="{anchor}"' in pages["errors.md"]
