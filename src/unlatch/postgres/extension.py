"""Files for ``CREATE EXTENSION webauthn``: the same schema, for servers whose administrators prefer extensions."""

from __future__ import annotations

from pathlib import Path

from unlatch import __version__
from unlatch.postgres.script import Backend, objects

#: Tables whose rows are the user's (PG-6): a dump holds them, and not only the command that makes them.
_KEPT = ("config", "credential_challenges", "credentials", "credential_uses", "assertion_challenges", "assertions")
_ONLY_PSQL = '\\echo Use "CREATE EXTENSION webauthn" to load this file. \\quit\n\n'


def control(backend: Backend) -> str:
    """The control file."""
    lines = [
        "comment = 'WebAuthn: passkeys inside the database'",
        f"default_version = '{__version__}'",
        "schema = 'webauthn'",
        "relocatable = false",
    ]
    if backend is Backend.PLPYTHON:
        lines += ["superuser = true", "requires = 'plpython3u'"]
    else:
        lines += ["superuser = false"]
    return "\n".join(lines) + "\n"


def write(folder: Path, *, backend: Backend = Backend.SQL, python_path: str | None = None) -> list[Path]:
    """Write control file and script.

    Args:
        folder: Usually ``$(pg_config --sharedir)/extension``.
        backend: Who verifies.
        python_path: As in `unlatch.postgres.script.build`.

    Returns:
        The files.

    Raises:
        Misconfigured: As `unlatch.postgres.script.build`.
    """
    kept = "".join(f"SELECT pg_catalog.pg_extension_config_dump('webauthn.{name}', '');\n" for name in _KEPT)
    files = {
        "webauthn.control": control(backend),
        f"webauthn--{__version__}.sql": _ONLY_PSQL + objects(backend, python_path=python_path) + "\n" + kept,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in files]
