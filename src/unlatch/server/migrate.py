"""Bring the tables up to date, or find out that somebody else has to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from unlatch.errors import Misconfigured
from unlatch.server.engines import name_of

#: Names the lock that keeps two servers from making tables at the same time; any number that nobody else uses.
_LOCK: Final = 0x756E6C61746368
#: Seconds to wait for the one that makes them.
_LOCK_SECONDS: Final = 60


def prepare(engine: Engine) -> None:
    """Make the database ready for this version when the server starts, as far as one server may decide that.

    The SQLite file belongs to this server alone: it is upgraded. A database that several servers use gets its tables
    if it has none; tables of an older version are left to `unlatch db upgrade`, because other servers may still use
    them.

    Raises:
        Misconfigured: It cannot be used, is older (and shared), or newer.
    """
    with _connected(engine) as connection:
        if engine.dialect.name != "sqlite":
            current = current_revision(connection)
            if current is not None and current in known_revisions() and current != head_revision():
                raise Misconfigured(
                    f"The tables in {name_of(engine)!r} are of an older version of this server ({current}; this one "
                    f"needs {head_revision()}). Run: unlatch db upgrade"
                )
        command.upgrade(configuration(connection), "head")


def upgrade(engine: Engine) -> None:
    """Apply every migration that the database has not seen, in one transaction where the database can do that.

    Raises:
        Misconfigured: What is there is no database of this server, or a newer version of it wrote it.
    """
    with _connected(engine) as connection:
        command.upgrade(configuration(connection), "head")


def current_revision(connection: Connection) -> str | None:
    """The last migration that the database has seen; None for none."""
    return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    """The last migration of this version."""
    return str(_scripts().get_current_head())


def known_revisions() -> frozenset[str]:
    """All migrations that this version knows."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, without a file, on an open connection."""
    config = _config()
    config.attributes["connection"] = connection
    return config


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "unlatch.server:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    """One transaction that has the tables for itself; what goes wrong becomes a sentence. Ends all connections."""
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                # SQLite alters a table by making it anew. With foreign keys on, dropping the old one would cascade.
                # The pragma counts only outside of a transaction, and the connection is thrown away below.
                connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
            with connection.begin():
                _lock(connection)
                yield connection
    except CommandError as error:
        raise Misconfigured(
            f"The database {name_of(engine)!r} was written by a newer version of this server ({error}). Update unlatch."
        ) from error
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split()).rstrip(".")
        raise Misconfigured(f"The database {name_of(engine)!r} cannot be used: {reason}.") from error
    finally:
        engine.dispose()


def _lock(connection: Connection) -> None:
    """Wait for others that make tables. SQLite has let this transaction in alone already; the lock ends with it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    elif connection.dialect.name in ("mysql", "mariadb"):
        # Belongs to the connection, which is thrown away afterwards.
        got = connection.execute(text(f"SELECT GET_LOCK('unlatch-{_LOCK}', {_LOCK_SECONDS})")).scalar_one()
        if not got:
            raise Misconfigured(f"Another server has been making tables for {_LOCK_SECONDS} seconds. Try again.")
