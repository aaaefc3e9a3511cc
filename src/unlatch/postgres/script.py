"""The SQL that makes the schema `webauthn`, put together from the files beside this one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from unlatch import __version__
from unlatch.codes import Code
from unlatch.errors import Misconfigured
from unlatch.postgres.judges import OFFERED
from unlatch.steps.table import STEPS

_FOLDER = Path(__file__).parent
#: Taken for the time of the transaction, so that two installations do not run into each other.
_LOCK = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('unlatch postgres'));\n"
#: Names are looked up in PostgreSQL's own schema alone: who may create functions in another one could have one called
#: by whoever installs. The caller's path comes back afterwards, because the transaction may go on.
_OWN_NAMES = (
    "SELECT pg_catalog.set_config('unlatch.search_path', pg_catalog.current_setting('search_path'), true);\n"
    "SET LOCAL search_path = pg_catalog, pg_temp;\n"
)
_CALLERS_NAMES = (
    "SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('unlatch.search_path'), true);\n"
)
#: From here on the files of `schema/` need the tables, which the judges need too.
_AFTER_TABLES = "50"


class Backend(StrEnum):
    """Who verifies: `PLPYTHON` is the library itself inside the server, `SQL` needs no more than PostgreSQL."""

    PLPYTHON = "plpython"
    SQL = "sql"


def build(backend: Backend, *, python_path: str | None = None, adopt: bool = False) -> str:
    """All statements of an installation or an upgrade, for one transaction.

    Args:
        backend: Who verifies.
        python_path: Folder that holds this package and `cryptography`, for `plpython`; None where the environment of
            the database server names it (PYTHONPATH).
        adopt: Whether the tables of pg-webauthn are there and are to be taken over.

    Raises:
        Misconfigured: A path for a backend that has none, or one that is not absolute.
    """
    let_go, uses = _files("adoption")
    return "\n".join(
        (
            _LOCK,
            _OWN_NAMES,
            *([let_go] if adopt else []),
            "CREATE SCHEMA IF NOT EXISTS webauthn;\n",
            *(["CREATE EXTENSION IF NOT EXISTS plpython3u;\n"] if backend is Backend.PLPYTHON else []),
            objects(backend, python_path=python_path),
            *([uses] if adopt else []),
            _CALLERS_NAMES,
        )
    )


def objects(backend: Backend, *, python_path: str | None = None) -> str:
    """What lies in the schema: types, tables, functions, rights.

    Args:
        backend: As in `build`.
        python_path: As in `build`.

    Raises:
        Misconfigured: As `build`.
    """
    if python_path is not None:
        if backend is not Backend.PLPYTHON:
            raise Misconfigured("A path to Python packages is for the backend plpython; leave it out.")
        if not Path(python_path).is_absolute():
            raise Misconfigured(f"The path {python_path!r} is not absolute; the database server has another folder.")
    # The parsers serve both backends; of the verifiers the last definition counts.
    parts = [
        *_files("schema", before="30"),
        *_files("sql_backend"),
        *_files("schema", since="30", before=_AFTER_TABLES),
    ]
    parts += _files("plpython" if backend is Backend.PLPYTHON else "sql_judge")
    parts += _files("schema", since=_AFTER_TABLES)
    told = {
        "{codes}": _array(Code),
        "{steps}": _array(step.name for step in STEPS),
        "{algorithms}": _array(map(str, OFFERED)),
        "{version}": __version__,
        "{path}": "" if python_path is None else _load(python_path),
    }
    script = "\n".join(parts)
    for name, value in told.items():
        script = script.replace(name, value)
    return script


def _files(folder: str, *, since: str = "", before: str = "~") -> list[str]:
    """The files of a folder whose names lie between two, in the order of their names."""
    paths = sorted((_FOLDER / folder).glob("*.sql"))
    return [path.read_text("utf-8") for path in paths if since <= path.name < before]


def _array(values: Iterable[str]) -> str:
    """The text of an array of words."""
    return "{" + ",".join(values) + "}"


def _load(path: str) -> str:
    """Python that puts a folder in front of those that are searched, once a session."""
    if "$$" in path:
        raise Misconfigured("The path holds $$, which would end the function that it stands in.")
    return f"import sys\nif {path!r} not in sys.path:\n    sys.path.insert(0, {path!r})\n"
