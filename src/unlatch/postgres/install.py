"""Put the schema `webauthn` into a database, look at it, take it away: on a cursor, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from unlatch import __version__
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.errors import Misconfigured
from unlatch.postgres.script import Backend, build

#: What is tested.
OLDEST = 15
_LOOK = """
SELECT pg_catalog.to_regclass('webauthn.credentials') IS NOT NULL,
       pg_catalog.to_regprocedure('webauthn.backend()') IS NOT NULL,
       EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'webauthn')
"""


class Cursor(Protocol):
    """Of a PostgreSQL driver; several statements may stand in one text without parameters."""

    def execute(self, query: Any, /) -> Any:
        """Run SQL."""

    def fetchone(self) -> Any:
        """The next row of what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is in a database.

    Attributes:
        installed: Whether the schema is there and is ours.
        adoptable: Whether the tables of pg-webauthn are there.
        version: Of the package that installed it.
        backend: Who verifies.
        extension: Whether it came by ``CREATE EXTENSION``.
        relying_parties: Rows of `webauthn.config`.
        credentials: How many passkeys are kept.
    """

    installed: bool
    adoptable: bool = False
    version: str | None = None
    backend: Backend | None = None
    extension: bool = False
    relying_parties: int = 0
    credentials: int = 0


def status(cursor: Cursor) -> Status:
    """Look at what is there."""
    tables, ours, extension = _row(cursor, _LOOK)
    if not ours:
        return Status(installed=False, adoptable=tables, extension=extension)
    version, backend, parties, credentials = _row(
        cursor,
        "SELECT webauthn.version(), webauthn.backend(), "
        "(SELECT count(*) FROM webauthn.config), (SELECT count(*) FROM webauthn.credentials)",
    )
    return Status(
        installed=True,
        version=version,
        backend=Backend(backend),
        extension=extension,
        relying_parties=parties,
        credentials=credentials,
    )


def install(cursor: Cursor, *, backend: Backend | str | None = None, python_path: str | None = None) -> Status:
    """Install, change the backend, or bring up to this version; what is there already stays as it is.

    The tables of a pg-webauthn database are taken over with their rows.

    Args:
        cursor: Its transaction is the caller's to commit. `plpython` needs a superuser, `sql` the right to create a
            schema.
        backend: Who verifies; None keeps the one that is installed, `sql` where none is.
        python_path: As in `unlatch.postgres.script.build`.

    Raises:
        Misconfigured: It came by ``CREATE EXTENSION``, is newer than this package, the database is too old or does not
            speak UTF-8, or the database server's Python has another version of the library.
    """
    version, encoding = _row(cursor, "SELECT current_setting('server_version_num')::integer, getdatabaseencoding()")
    if version < OLDEST * 10000:
        raise Misconfigured(f"This needs PostgreSQL {OLDEST} or newer; the server has {version // 10000}.")
    if encoding != "UTF8":
        raise Misconfigured(f"This needs a database with the encoding UTF8; this one has {encoding}.")
    before = status(cursor)
    if before.installed and before.extension:
        raise Misconfigured("The schema came by CREATE EXTENSION; use ALTER EXTENSION webauthn UPDATE.")
    if before.version is not None and numbers(before.version) > numbers(__version__):
        raise Misconfigured(f"The database has {before.version}, this is {__version__}; upgrade the package first.")
    chosen = Backend(backend or before.backend or Backend.SQL)
    cursor.execute(build(chosen, python_path=python_path, adopt=before.adoptable))
    if chosen is Backend.PLPYTHON:
        _check_python(cursor)
    return status(cursor)


def upgrade(cursor: Cursor, *, python_path: str | None = None) -> Status:
    """Bring an installation to this version, with the backend that it has.

    Args:
        cursor: As in `install`.
        python_path: As in `unlatch.postgres.script.build`.

    Raises:
        Misconfigured: Nothing is installed, or as `install`.
    """
    if not status(cursor).installed:
        raise Misconfigured("Nothing is installed here yet; install it first.")
    return install(cursor, python_path=python_path)


def uninstall(cursor: Cursor, *, with_data: bool = False) -> None:
    """Take the schema away, and with it every passkey.

    Args:
        cursor: As in `install`.
        with_data: Whether passkeys may be lost; without it a database that has some is left alone.

    Raises:
        Misconfigured: There are passkeys, or what is there is not ours.
    """
    found = status(cursor)
    if not found.installed:
        raise Misconfigured("Nothing of ours is installed in this database.")
    if found.extension:
        raise Misconfigured("The schema came by CREATE EXTENSION; use DROP EXTENSION webauthn.")
    if found.credentials and not with_data:
        raise Misconfigured(f"{found.credentials} passkeys would be lost; say so explicitly to remove them.")
    cursor.execute("DROP SCHEMA webauthn CASCADE")


def configure(cursor: Cursor, rp_id: str, *, origins: tuple[str, ...] = ()) -> bool:
    """Write the row of `webauthn.config` for a relying party; its first one is the default.

    Args:
        cursor: As in `install`.
        rp_id: Domain that the passkeys are bound to.
        origins: Where its pages live, all of them: a row that is there gets exactly these. Left out, such a row stays
            as it is, and a new one gets ``https://`` and the domain.

    Returns:
        Whether it was written; else the row was there and stayed.

    Raises:
        Misconfigured: A domain or an origin that cannot work.
    """
    party = RelyingParty(rp_id, origins=origins)
    # Both were found to be domains and origins: no quote is in them.
    listed = ",".join(f"'{origin}'" for origin in party.expected_origins)
    conflict = "UPDATE SET origins = excluded.origins" if origins else "NOTHING"
    written = _row(
        cursor,
        "INSERT INTO webauthn.config (relying_party_id, origins, is_default) "  # noqa: S608 - checked above
        f"VALUES ('{party.id}', ARRAY[{listed}], NOT EXISTS (SELECT FROM webauthn.config WHERE is_default)) "
        f"ON CONFLICT (relying_party_id) DO {conflict} RETURNING true",
    )
    return written is not None


def grant(cursor: Cursor, role: str) -> None:
    """Give a role what the owner of an application's wrapper functions needs.

    Args:
        cursor: As in `install`.
        role: Its name.
    """
    name = '"' + role.replace('"', '""') + '"'
    cursor.execute(
        f"GRANT USAGE ON SCHEMA webauthn TO {name};"
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA webauthn TO {name};"
        f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA webauthn TO {name};"
        f"GRANT EXECUTE ON ALL ROUTINES IN SCHEMA webauthn TO {name};"
        f"GRANT USAGE ON TYPE webauthn.credential_type, webauthn.user_verification_requirement, "
        f"webauthn.attestation_conveyance_preference, webauthn.verdict TO {name};"
    )


def _check_python(cursor: Cursor) -> None:
    """Let the server import the library now, not at the first sign-in."""
    found, path = _row(cursor, "SELECT webauthn.library_version(), webauthn.library_path()")
    if found != __version__:
        raise Misconfigured(
            f"The database server's Python loads version {found} from {path}, this is {__version__}: "
            "install the same version there, or name another folder."
        )


def _row(cursor: Cursor, query: str) -> Any:
    cursor.execute(query)
    return cursor.fetchone()


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, to be compared."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
