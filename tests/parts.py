"""What the machine may lack: tests that use such a part say so with the marker `needs`.

Without the part a test is skipped, in one line that says what to install. With `CI=true` it fails instead: a machine
that is meant to prove everything must not pass by leaving things out.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Part:
    """Something outside Python that tests use.

    Attributes:
        find: Says where the part is (a path), or None when it is missing.
        advice: What to type to get it.
    """

    find: Callable[[], str | None]
    advice: str


def _program(*names: str) -> Callable[[], str | None]:
    return lambda: next(filter(None, map(shutil.which, names)), None)


def _postgresql() -> str | None:
    """The folder with PostgreSQL's programs; Debian keeps them off the path, one folder a version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = [folder for folder in folders if (folder / "initdb").exists()]
    on_path = shutil.which("initdb")
    return str(found[-1]) if found else on_path and str(Path(on_path).parent)


def _plpython() -> str | None:
    """PL/Python of that PostgreSQL, where it is the Python that runs the tests: it loads the same packages."""
    programs = _postgresql()
    library = f"libpython3.{sys.version_info.minor}.".encode()
    found = [] if programs is None else [Path(programs).parent / "lib" / "plpython3.so"]
    return next((str(path) for path in found if path.exists() and library in path.read_bytes()), None)


def _node_with(package: str) -> Callable[[], str | None]:
    """The program `node`, where the package that it is to run is installed too."""
    folder = Path(__file__).with_name("interop") / "node" / "node_modules" / package
    return lambda: shutil.which("node") if folder.is_dir() else None


PARTS = {
    "chromium": Part(_program("chromium", "chromium-browser", "google-chrome"), "apt-get install chromium"),
    "git": Part(_program("git"), "apt-get install git"),
    "mariadb": Part(_program("mariadbd"), "apt-get install mariadb-server"),
    "make": Part(_program("make"), "apt-get install make"),
    "nginx": Part(_program("nginx", "/usr/sbin/nginx"), "apt-get install nginx-light"),
    "postgresql": Part(_postgresql, "apt-get install postgresql"),
    "plpython": Part(_plpython, "apt-get install postgresql-plpython3-15, for this version of Python"),
    "redis": Part(_program("redis-server"), "apt-get install redis-server"),
    "simplewebauthn": Part(_node_with("@simplewebauthn/server"), "install node 20 or newer with npm, scripts/node.sh"),
    "typescript": Part(_node_with("typescript"), "install node 20 or newer with npm, scripts/node.sh"),
    "valgrind": Part(_program("valgrind"), "apt-get install valgrind"),
}


def missing(name: str) -> str | None:
    """The one line that says that a part is missing and how to get it; None when it is here.

    Raises:
        KeyError: No part has this name; add it to `PARTS`.
    """
    part = PARTS[name]
    return None if part.find() else f"needs {name}: {part.advice}"


def path_of(name: str) -> str:
    """Where a part is, for a test that has named it with `needs`."""
    path = PARTS[name].find()
    if path is None:
        raise LookupError(f"{name} is missing; a test that uses it is marked needs({name!r})")
    return path


def require(name: str) -> None:
    """Skip the running test when a part is missing; fail it when `CI=true`."""
    reason = missing(name)
    if reason is None:
        return
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(f"{reason} (CI=true: nothing may be missing)", pytrace=False)
    pytest.skip(reason)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look for the parts that a test names, before its fixtures use them."""
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            require(name)
