"""The database of the settings, opened: a SQLite file, PostgreSQL, MariaDB or MySQL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from unlatch.errors import Misconfigured
from unlatch.server.settings import Settings
from unlatch.stores.sqlalchemy import create_sqlite_engine

#: The SQLite file in the data folder.
FILE_NAME: Final = "unlatch.sqlite3"

#: Threads of one process that read only, beside those that write.
READERS: Final = 2
#: Threads of one process that write. SQLite has one writer at a time; row locks allow more.
WRITERS: Final = {"sqlite": 1}
WRITERS_ELSEWHERE: Final = 6

#: Seconds to wait for a connection, and for the answer to a statement.
CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 10
#: That of our transactions, for a statement without one as well, whatever the default of the role or database is.
_ISOLATION: Final = r"-c default_transaction_isolation=read\ committed"

#: What people write in a URL -> SQLAlchemy's name with the driver that we use.
_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "cockroachdb": "cockroachdb+psycopg",
    "mariadb": "mariadb+pymysql",
    "mysql": "mysql+pymysql",
}
_EXTRAS = {"psycopg": "postgresql", "pymysql": "mariadb"}


def writers_for(engine: Engine) -> int:
    """How many units of work of one process may write at a time."""
    return WRITERS.get(engine.dialect.name, WRITERS_ELSEWHERE)


def open_database(settings: Settings, *, answer_seconds: int | None = ANSWER_SECONDS) -> Engine:
    """An engine on the database of the settings. Nothing is asked of a server yet; a SQLite file is made.

    Args:
        settings: Where the database is.
        answer_seconds: Longest wait for the answer to a statement; None for no limit (migrations may take long).

    Raises:
        Misconfigured: The URL cannot be used, its driver is missing, or the SQLite file cannot be written.
    """
    if settings.database is None:
        return open_database_file(settings.data)
    url = database_url(settings.database)
    if url.get_backend_name() == "sqlite":
        return _open_file(Path(str(url.database)))
    try:
        return create_engine(
            url,
            pool_size=WRITERS_ELSEWHERE + READERS,
            max_overflow=0,
            # A connection that died while it lay in the pool is replaced before it is used: recovery needs no hand.
            pool_pre_ping=True,
            # What others committed in the meantime is seen: a sign-in that was overtaken reads the record again.
            isolation_level="READ COMMITTED",
            # Errors of the database go to the log, and what was to be written does not belong there.
            hide_parameters=True,
            connect_args=_connect_arguments(url, answer_seconds),
        )
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "", "postgresql")
        raise Misconfigured(
            f"This database needs the package {error.name!r}: pip install 'unlatch[server,{extra}]'"
        ) from error
    except NoSuchModuleError as error:
        raise Misconfigured("CockroachDB needs the package 'sqlalchemy-cockroachdb': pip install it first.") from error


def sqlite_file(settings: Settings) -> Path | None:
    """The SQLite file of the settings, whether it is there or not; None for a database server.

    Raises:
        Misconfigured: The URL cannot be used.
    """
    if settings.database is None:
        return settings.data / FILE_NAME
    url = database_url(settings.database)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def open_database_file(folder: Path) -> Engine:
    """An engine on the SQLite file in the data folder; both are made when missing, for their owner's eyes only.

    Raises:
        Misconfigured: The folder cannot be made or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    return _open_file(folder / FILE_NAME)


def _open_file(path: Path) -> Engine:
    try:
        # Opened for writing, and not only touched: one may touch a file that one may not write.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, mode=0o600))
    except OSError as error:
        raise _unusable(path.parent, error) from error
    return create_sqlite_engine(path, pool_size=WRITERS["sqlite"] + READERS, max_overflow=0, hide_parameters=True)


def _unusable(folder: Path, error: OSError) -> Misconfigured:
    return Misconfigured(
        f"The data folder {str(folder)!r} cannot be used ({error.strerror}). Name another one with --data."
    )


def database_url(text: str) -> URL:
    """Read the URL of a database, and name the driver in it.

    Raises:
        Misconfigured: It is none, or of a database that this server does not use. The text is not repeated: it may
            hold a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    example = "Write for example postgresql://user:password@host/name, mariadb://... or sqlite:////srv/unlatch.sqlite3."
    if url is None or not url.drivername:
        raise Misconfigured(f"--database (UNLATCH_DATABASE) is not the URL of a database. {example}")
    driver = _DRIVERS.get(url.drivername, url.drivername)
    if driver not in _DRIVERS.values():
        raise Misconfigured(f"--database (UNLATCH_DATABASE) cannot be {url.drivername!r}. {example}")
    if not url.database or url.database == ":memory:":
        raise Misconfigured(f"--database (UNLATCH_DATABASE) does not name a database. {example}")
    return url.set(drivername=driver)


def name_of(engine: Engine) -> str:
    """What messages call the database: the file, or kind, host and name; never the user or a password."""
    url = engine.url
    if engine.dialect.name == "sqlite":
        return str(url.database)
    place = url.host or url.query.get("host") or url.query.get("unix_socket") or "localhost"
    port = "" if url.port is None else f":{url.port}"
    return f"{url.get_backend_name()}://{place}{port}/{url.database}"


def _connect_arguments(url: URL, answer_seconds: int | None) -> dict[str, Any]:
    """Limits on waiting, so that a database that hangs gives an answer too; what the URL says itself wins."""
    limits: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS}
    if url.get_driver_name() == "pymysql":
        limits |= {"read_timeout": answer_seconds, "write_timeout": answer_seconds}
    elif answer_seconds is not None:
        limits |= {
            "options": f"-c statement_timeout={answer_seconds * 1000} {_ISOLATION}",
            "keepalives_idle": answer_seconds,
            "tcp_user_timeout": answer_seconds * 1000,
        }
    return {name: value for name, value in limits.items() if name not in url.query}
