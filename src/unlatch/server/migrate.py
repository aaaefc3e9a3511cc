"""Bring the tables up to date, or find out that somebody else has to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationInfo
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, func, select, table, text
from sqlalchemy.exc import DBAPIError

from unlatch.errors import Misconfigured
from unlatch.server.engines import name_of
from unlatch.server.revisions import (
    BASE,
    Level,
    Revision,
    current,
    head,
    level_of,
    pending,
    revisions,
    script_configuration,
)

#: Told of each migration when it is done.
OnStep = Callable[[Revision], None]

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
        if engine.dialect.name != "sqlite" and level_of(connection) is Level.BEHIND:
            raise Misconfigured(
                f"The tables in {name_of(engine)!r} are of an older version of this server ({current(connection)}; "
                f"this one needs {head()}). Run: unlatch db upgrade"
            )
        command.upgrade(configuration(connection), "head")


def upgrade(engine: Engine, *, on_step: OnStep | None = None) -> None:
    """Apply every migration that the database has not seen, in one transaction where the database can do that.

    Args:
        engine: The database.
        on_step: Called after each migration.

    Raises:
        Misconfigured: What is there is no database of this server, or a newer version of it wrote it.
    """
    with _connected(engine) as connection:
        command.upgrade(configuration(connection, on_step=on_step), "head")


def downgrade(engine: Engine, target: str, *, lose: bool, on_step: OnStep | None = None) -> None:
    """Take back migrations until the tables are those of an older version.

    Args:
        engine: The database.
        target: The number of the last migration that stays, or `BASE` for none.
        lose: Whether rows may be lost.
        on_step: Called after each migration that was taken back.

    Raises:
        Misconfigured: There is no such migration below, or rows would be lost and that was not allowed.
    """
    with _connected(engine) as connection:
        name = current(connection)
        names = [BASE, *(revision.name for revision in revisions())]
        if target not in names:
            raise Misconfigured(f"There is no migration {target!r}. There are: {', '.join(names)}.")
        if level_of(connection) in (Level.NEWER, Level.FOREIGN):
            raise Misconfigured(
                f"unlatch has not made these tables, or a newer version of it has ({name}). Take that version."
            )
        if names.index(target) > names.index(name or BASE):
            raise Misconfigured(f"The tables are at {name or BASE}, which is older. To go on: unlatch db upgrade")
        lost = [] if lose else list(_losses(connection, target))
        if lost:
            raise Misconfigured(
                f"This would lose {', '.join(lost)}. Make a backup, then add --yes if that is what you want."
            )
        command.downgrade(configuration(connection, on_step=on_step), target)


def state_of(engine: Engine) -> tuple[Level, str | None]:
    """How the database stands to this version, and the number that it has.

    Raises:
        Misconfigured: It cannot be used.
    """
    with _connected(engine) as connection:
        return level_of(connection), current(connection)


def _losses(connection: Connection, target: str) -> Iterator[str]:
    """What taking migrations back to `target` would lose, in words; nothing for tables without rows."""
    for revision in pending(None if target == BASE else target):
        for name in revision.loses:
            rows = connection.execute(select(func.count()).select_from(table(name))).scalar_one()
            if rows:
                yield f"{rows} row{'' if rows == 1 else 's'} of {name}"


def configuration(connection: Connection, *, on_step: OnStep | None = None) -> Config:
    """Alembic's configuration, without a file, on an open connection.

    Args:
        connection: In a transaction.
        on_step: Called after each migration.
    """
    config = script_configuration()
    config.attributes["connection"] = connection
    if on_step is not None:
        by_name = {revision.name: revision for revision in revisions()}

        def tell(*, step: MigrationInfo, **_: object) -> None:
            on_step(by_name[str(step.up_revision_id)])

        config.attributes["on_version_apply"] = tell
    return config


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
