"""Files for ``CREATE EXTENSION webauthn``: the same schema, for servers whose administrators prefer extensions."""

from __future__ import annotations

from pathlib import Path

from unlatch import __version__
from unlatch.postgres.install import numbers
from unlatch.postgres.script import Backend, objects

#: Tables whose rows are the user's (PG-6): a dump holds them, and not only the command that makes them.
_KEPT = ("config", "credential_challenges", "credentials", "credential_uses", "assertion_challenges", "assertions")
#: By this a script is known for one of ours; pg-webauthn has files of the same name.
_OURS = "made by unlatch"
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
    """Write control file and script, and for ``ALTER EXTENSION webauthn UPDATE`` one from each version that is there.

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
    script = _ONLY_PSQL + objects(backend, python_path=python_path) + "\n" + kept
    folder.mkdir(parents=True, exist_ok=True)
    # The script makes what is missing and replaces the functions, so that it brings an older version up as well.
    updates = [f"{version}--{__version__}" for version in _older_versions(folder)]
    files = {
        "webauthn.control": control(backend),
        **{f"webauthn--{name}.sql": script for name in (__version__, *updates)},
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in files]


def _older_versions(folder: Path) -> list[str]:
    """Versions of ours that are older than this one and whose scripts lie in a folder."""
    found = {path.stem.removeprefix("webauthn--"): path for path in folder.glob("webauthn--*.sql")}
    return sorted(
        version
        for version, path in found.items()
        if "--" not in version and numbers(version) < numbers(__version__) and _OURS in path.read_text("utf-8")
    )
