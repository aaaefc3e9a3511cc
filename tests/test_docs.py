"""The documentation covers whatever is public, its examples run, and the site is made of it without a warning."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import unlatch
from unlatch.cli.commands import unlatch as program
from unlatch.server.settings import Settings

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def pages():
    """scripts/reference_pages.py, which makes the pages."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import reference_pages

    yield reference_pages
    sys.path.remove(str(ROOT / "scripts"))
    sys.modules.pop("reference_pages")


def test_every_public_name_has_its_place_and_a_docstring(pages):
    listed = [name for names in pages.NAMES.values() for name in names]
    assert sorted(listed) == sorted(unlatch.__all__)
    assert [name for name in listed if len(getattr(unlatch, name).__doc__ or "") < 20] == []


def test_every_field_that_is_configured_is_explained(pages):
    for name in pages.CONFIGURED:
        kind = getattr(unlatch, name)
        fields = {field for field, item in kind.__value_fields__.items() if item.init}
        assert set(pages.attributes(kind.__doc__)) == fields, name
    assert set(pages.attributes(Settings.__doc__)) == set(Settings.__dataclass_fields__)


def test_every_command_and_option_is_explained(pages):
    unexplained = [
        (*path, parameter.name)
        for path, command in pages.commands(program, ("unlatch",))
        for parameter in command.params
        if parameter.param_type_name == "option" and not parameter.help
    ]
    assert unexplained == []
    assert [path for path, command in pages.commands(program, ("unlatch",)) if not command.help] == []


def test_a_description_over_several_lines_is_read_whole(pages):
    found = pages.attributes(
        "A value.\n\n    Attributes:\n        one: First,\n            and more.\n        two: Second.\n    "
    )
    assert found == {"one": "First, and more.", "two": "Second."}


def test_the_tutorial_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = ROOT / "docs" / "tutorial" / "first-passkey.md"
    names = {"__name__": "tutorial"}
    for example in re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(example, str(path), "exec"), names)
    said = capsys.readouterr().out.splitlines()
    assert said[1] == "b'user-17'"
    assert said[2].startswith("ceremony_unknown - ")
    assert said[3].startswith("authentication.origin ")
    names["engine"].dispose()


def test_the_site_is_made_without_a_warning_and_takes_nothing_from_elsewhere(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", tmp_path / "site"]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    fetched = re.compile('<(?:script|img|iframe)[^>]* src="https?:|<link[^>]* (?:stylesheet|preconnect)[^>]*"https?:')
    for page in (tmp_path / "site").rglob("*.html"):
        assert fetched.search(page.read_text(encoding="utf-8")) is None, page.name
    assert "find_credential" in (tmp_path / "site" / "reference" / "names.html").read_text(encoding="utf-8")
