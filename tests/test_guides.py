"""The examples of the guides run, one after another, as a reader would type them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fido2 import cbor
from fido2.webauthn import AttestedCredentialData
from sqlalchemy import Engine

from compat.old_databases import MAKERS, by_py_webauthn
from guide_projects import write_project
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
    for value in names.values():
        if isinstance(value, Engine):
            value.dispose()


def test_the_project_of_the_guide_for_django_runs(tmp_path):
    """In a process of its own, because Django has one configuration a process."""
    write_project("django", tmp_path)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "PYTHONPATH": str(FOLDER.parents[1] / "src"),
    }
    command = [sys.executable, "-W", "error", "-m", "django", "test", "shop"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Ran 1 test" in done.stderr
    assert "no issues" in done.stdout


#: The pages for those who come from elsewhere, and what stands in the old database that they speak of.
FROM = {
    "from-django-otp-webauthn": "django-otp-webauthn",
    "from-flask-htmx": "flask-htmx",
    "from-flask-passkey-backend": "flask-passkey",
    "from-pg-webauthn": None,
    "from-py-webauthn": None,
    "from-python-fido2": None,
    "from-warp": None,
    "from-webauthn-rp": "webauthn-rp",
}


@pytest.mark.parametrize("name", FROM)
def test_the_examples_for_those_who_come_from_elsewhere_run(name, tmp_path, monkeypatch):
    """`rows` is the reader's own table, `ask_browser` the reader's own way to the page."""
    monkeypatch.chdir(tmp_path)
    if FROM[name] is not None:
        MAKERS[FROM[name]]("sqlite:///old.db")
    handle = b"17"
    old, verified = by_py_webauthn(handle)
    row = SimpleNamespace(
        credential_id=verified.credential_id,
        credential_public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        user_id=handle if name == "from-python-fido2" else 17,
        credential_data=bytes(
            AttestedCredentialData.create(
                bytes(16), verified.credential_id, cbor.decode(verified.credential_public_key)
            )
        ),
    )
    path = FOLDER.parent / f"{name}.md"
    examples = re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert examples
    names: dict[str, object] = {"__name__": "guide", "rows": [row], "ask_browser": old.browser.get}
    for example in examples:
        exec(compile(example, str(path), "exec", dont_inherit=True), names)


def test_every_page_for_those_who_come_from_elsewhere_is_known():
    assert {path.stem for path in FOLDER.parent.glob("from-*.md")} == set(FROM)


def test_the_example_of_the_readme_runs():
    """`ask_browser` is the reader's own way to the page; here it is the emulated browser."""
    path = FOLDER.parents[1] / "README.md"
    example, *applications = re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    # The applications are files that run in a browser: tests/browser/test_doors.py.
    doors = FOLDER.parents[1] / "examples" / "doors"
    assert applications == [
        (doors / f"{name}_app.py").read_text(encoding="utf-8") for name in ("flask", "fastapi", "django")
    ]
    browser = EmulatedBrowser("https://example.org", SoftwareAuthenticator())

    def ask_browser(options: dict[str, Any]) -> dict[str, Any]:
        return browser.create(options) if "rp" in options else browser.get(options)

    names: dict[str, Any] = {"ask_browser": ask_browser}
    exec(compile(example, str(path), "exec", dont_inherit=True), names)
    assert names["authentication"].user_handle == names["user"].id
    assert names["row"] == names["authentication"].record.to_json()
