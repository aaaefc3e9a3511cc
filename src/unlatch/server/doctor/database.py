"""Looks at the database: whether it answers, takes writes, has the right tables, and keeps the right time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from unlatch.errors import Misconfigured
from unlatch.server.doctor.findings import Finding, good, note, wrong
from unlatch.server.engines import READERS, WRITERS_ELSEWHERE, name_of, open_database, sqlite_file
from unlatch.server.revisions import Level, current, head, level_of
from unlatch.server.settings import Settings

#: Clocks that differ by more should be set; by more than the second, ceremonies and sessions end at the wrong time.
_SKEW_TO_NOTE: Final = timedelta(seconds=2)
_SKEW_TO_REFUSE: Final = timedelta(seconds=60)

_LOCAL: Final = frozenset(("localhost", "127.0.0.1", "::1"))


def look_at_database(settings: Settings) -> Iterator[Finding]:
    """Everything about the database of the settings. Nothing is written, and no file is made."""
    try:
        path = sqlite_file(settings)
        if path is None:
            yield from _look_at_server(settings)
        else:
            yield from _look_at_file(path, settings)
    except Misconfigured as error:
        yield wrong("database", error.detail)


def _look_at_file(path: Path, settings: Settings) -> Iterator[Finding]:
    if not path.exists():
        yield good("database", f"The SQLite file {str(path)!r} is made when the server starts.")
        return
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=5)) as connection:
            damage = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
            if damage != ["ok"]:
                yield wrong(
                    "database",
                    f"{str(path)!r} is damaged ({' '.join(str(damage[0]).split())}). Restore a backup: unlatch restore",
                )
                return
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
    except sqlite3.Error as error:
        yield wrong(
            "database", f"{str(path)!r} cannot be used ({error}). Correct its permissions, or restore a backup."
        )
        return
    engine = open_database(settings)
    try:
        with engine.connect() as connection:
            yield good("database", f"SQLite {sqlite3.sqlite_version} reads and writes {str(path)!r}.")
            yield _level(connection, upgraded_at_start=True)
    finally:
        engine.dispose()


def _look_at_server(settings: Settings) -> Iterator[Finding]:
    engine = open_database(settings)
    try:
        with engine.connect() as connection:
            yield from _look_at_connection(connection, settings)
    except SQLAlchemyError as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
        yield wrong(
            "database",
            f"{name_of(engine)!r} cannot be used: {reason}. Start it, or correct --database (UNLATCH_DATABASE).",
        )
    finally:
        engine.dispose()
    yield from _look_at_way(engine)


def _look_at_connection(connection: Connection, settings: Settings) -> Iterator[Finding]:
    kind = connection.dialect.name
    version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
    yield good("database", f"{kind} {version} answers at {name_of(connection.engine)!r}.")
    if _takes_no_writes(connection):
        yield wrong(
            "database", "It takes no writes: it is a replica, or set to read only. Name the primary in --database."
        )
    yield _level(connection, upgraded_at_start=False)
    yield _clock(connection)
    yield from _connections(connection, settings)


def _takes_no_writes(connection: Connection) -> bool:
    question = (
        "SELECT current_setting('transaction_read_only') = 'on'"
        if connection.dialect.name == "postgresql"
        else "SELECT @@global.read_only"
    )
    return bool(connection.execute(text(question)).scalar_one())


def _level(connection: Connection, *, upgraded_at_start: bool) -> Finding:
    name, newest = current(connection), head()
    match level_of(connection):
        case Level.CURRENT:
            return good("tables", f"They are those of this version ({newest}).")
        case Level.EMPTY:
            return good("tables", "There are none yet; the server makes them when it starts.")
        case Level.BEHIND if upgraded_at_start:
            return note("tables", f"They are at {name} and are brought to {newest} when the server starts.")
        case Level.BEHIND:
            return wrong("tables", f"They are at {name}, this version needs {newest}. Run: unlatch db upgrade")
        case Level.NEWER:
            return wrong("tables", f"A newer version of unlatch has made them ({name}). Update this one.")
        case _:
            return wrong(
                "tables", "Tables of these names are there, but unlatch has not made them. Name another database."
            )


def _clock(connection: Connection) -> Finding:
    before = datetime.now(UTC)
    question = "SELECT clock_timestamp()" if connection.dialect.name == "postgresql" else "SELECT UTC_TIMESTAMP(6)"
    theirs: datetime = connection.execute(text(question)).scalar_one()
    theirs = theirs.replace(tzinfo=UTC) if theirs.tzinfo is None else theirs.astimezone(UTC)
    after = datetime.now(UTC)
    skew = max(before - theirs, theirs - after, timedelta(0))
    seconds = f"{skew.total_seconds():.1f} seconds"
    advice = "Set the clocks of both machines by NTP."
    if skew > _SKEW_TO_REFUSE:
        return wrong("clock", f"The clocks of this machine and of the database differ by {seconds}. {advice}")
    if skew > _SKEW_TO_NOTE:
        return note("clock", f"The clocks of this machine and of the database differ by {seconds}. {advice}")
    return good("clock", "This machine and the database agree on the time.")


def _connections(connection: Connection, settings: Settings) -> Iterator[Finding]:
    question = "SHOW max_connections" if connection.dialect.name == "postgresql" else "SELECT @@max_connections"
    most = int(connection.execute(text(question)).scalar_one())
    needed = settings.workers * (WRITERS_ELSEWHERE + READERS)
    if needed > most:
        yield wrong(
            "connections",
            f"{settings.workers} workers need up to {needed} connections, the database allows {most}. Raise its "
            "max_connections, or take fewer --workers.",
        )
    elif needed * 2 > most:
        yield note(
            "connections",
            f"{settings.workers} workers need up to {needed} of the {most} connections that the database allows: a "
            "second server would find none left. Raise its max_connections.",
        )


def _look_at_way(engine: Engine) -> Iterator[Finding]:
    """How it is reached."""
    url = engine.url
    if url.host is None or url.host in _LOCAL or url.host.startswith("/"):
        return
    if not any(name.startswith("ssl") for name in url.query):
        yield note(
            "database",
            "It is reached over the network, and the URL does not ask for TLS. Add ?sslmode=verify-full (PostgreSQL) "
            "or ?ssl_ca=FILE (MariaDB) where the network is shared.",
        )
