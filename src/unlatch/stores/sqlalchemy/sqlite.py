"""SQLite set up for a server: readers never wait for the writer, writers wait for each other instead of failing.

Python's `sqlite3` opens transactions by guessing from the first word of a statement, which is wrong for savepoints
and for `DELETE ... RETURNING`. Here it is told to leave that alone, and SQLAlchemy's own begin opens them:
`BEGIN IMMEDIATE` for work that may write, so that two transactions that read and then write queue up (a deferred one
would fail at once when it turns writer after somebody else wrote), and a plain `BEGIN` for work that only reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, create_engine, event
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from os import PathLike

    from sqlalchemy import Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.pool import ConnectionPoolEntry

#: Execution option of a connection whose transaction will not write.
READ_ONLY: Final = {"unlatch_read_only": True}

#: How long a writer waits for another, in seconds, before the store is `Unavailable`.
BUSY_TIMEOUT: Final = 10.0


def create_sqlite_engine(path: str | PathLike[str], *, busy_timeout: float = BUSY_TIMEOUT, **options: Any) -> Engine:
    """Make an engine for a database file, which is created if it is missing.

    Args:
        path: The file. There is no in-memory variant: each connection would see a database of its own.
        busy_timeout: Seconds that a writer waits for another.
        options: Further arguments of `sqlalchemy.create_engine`, such as ``echo``.
    """
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)), connect_args={"timeout": busy_timeout}, **options
    )
    _set_up(engine)
    return engine


def create_async_sqlite_engine(
    path: str | PathLike[str], *, busy_timeout: float = BUSY_TIMEOUT, **options: Any
) -> AsyncEngine:
    """As `create_sqlite_engine`, for `asyncio`; needs the packages aiosqlite and greenlet."""
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)), connect_args={"timeout": busy_timeout}, **options
    )
    _set_up(engine.sync_engine)
    return engine


def _set_up(engine: Engine) -> None:
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _on_connect(connection: Any, entry: ConnectionPoolEntry) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    connection.isolation_level = None  # transactions are begun below, and nowhere else
    cursor = connection.cursor()
    # The write-ahead log lets readers read while one writes. With it, NORMAL can lose the last commits when the
    # machine loses power, but never breaks the file: the default FULL is kept, because a passkey that was confirmed
    # to its user must be there after the crash.
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("unlatch_read_only", False)
    cursor = connection.connection.cursor()
    try:
        # Not `connection.exec_driver_sql`, which costs as much as three statements here.
        cursor.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance("BEGIN", None, error, connection.dialect.loaded_dbapi.Error) from error
    finally:
        cursor.close()
