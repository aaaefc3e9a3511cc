"""Backups of a SQLite database: copied while the server runs, checked, and brought back as a whole or not at all.

A backup is one SQLite file. What must not come back with it does not: sessions (people who have signed out since
would be signed in again) and ceremonies under way (one that was used since would work again). That a sealed ceremony
was used is remembered beyond a restore.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from unlatch.errors import Misconfigured
from unlatch.server.migrate import upgrade
from unlatch.stores.sqlalchemy import create_sqlite_engine

#: Pages that are copied between two calls of `progress`: 16 MiB.
_PAGES: Final = 4096

#: Told the part that is done, 0 to 1.
Progress = Callable[[float], None]

#: Tables whose rows do not come back.
FORGOTTEN: Final = ("sessions", "unlatch_ceremonies")

_USES = "unlatch_ceremony_uses"
#: A SQLite database is up to four files; these follow its name.
_PARTS: Final = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a database.

    Attributes:
        accounts: How many.
        passkeys: How many.
    """

    accounts: int
    passkeys: int

    def __str__(self) -> str:
        """In words."""
        return f"{self.accounts} account{_s(self.accounts)} and {self.passkeys} passkey{_s(self.passkeys)}"


def back_up(database: Path, target: Path, *, replace: bool, progress: Progress) -> Contents:
    """Copy a database, also one in use, as it is at this moment.

    Args:
        database: The SQLite file.
        target: The new file, for its owner's eyes only; its folder must be there.
        replace: Whether a file of that name may be replaced.
        progress: Told how far it is.

    Raises:
        Misconfigured: There is no database, it is damaged, the file exists, is the database, or cannot be written.
    """
    if not database.is_file():
        raise Misconfigured(f"There is no database at {str(database)!r}, so there is nothing to back up.")
    if _is_part_of(database, target):
        # A server that runs would go on writing into the file that lost its name.
        raise Misconfigured(f"{str(target)!r} is the database itself or a part of it. Name another file.")
    if target.exists() and not replace:
        raise Misconfigured(f"{str(target)!r} exists already. Name another file, or add --replace.")
    with _translated(target), _new_file(target) as copy:
        with closing(_open(database)) as source, closing(_open(copy)) as destination:
            # A transaction that reads holds on to one state of the database, whatever others write meanwhile.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(destination, pages=_PAGES, progress=_shown(progress), sleep=0)
            # One file, without a log beside it.
            destination.execute("PRAGMA journal_mode = DELETE")
            contents = check(destination, name=database)
        copy.replace(target)
    return contents


def restore(backup: Path, database: Path, *, replace: bool, progress: Progress) -> tuple[Contents, Path | None]:
    """Make a database what it was when the backup was made, brought up to this version of the server.

    A server that uses it may go on running: what it reads is the old state until the new one is complete.

    Args:
        backup: What `back_up` wrote.
        database: The SQLite file; its folder must be there.
        replace: Whether accounts that are in it now may be replaced; they are kept in a file beside it.
        progress: Told how far it is.

    Returns:
        What is in the database now, and the file that keeps what was in it; None when nothing was.

    Raises:
        Misconfigured: The backup is none or of a newer version, or there are accounts that it would replace.
    """
    if not backup.is_file():
        raise Misconfigured(f"There is no file {str(backup)!r}.")
    with _translated(database), _new_file(database.with_name("restoring.sqlite3")) as copy:
        with closing(_open(backup)) as source, closing(_open(copy)) as destination:
            source.backup(destination)
            check(destination, name=backup)
        upgrade(create_sqlite_engine(copy))
        with closing(_open(copy)) as source:
            for table in FORGOTTEN:
                source.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of our own
            # One file again: without the log that the upgrade has left.
            source.execute("PRAGMA journal_mode = DELETE")
            contents = check(source, name=backup)
            kept = _set_aside(database, replace=replace)
            _remember_uses(source, database)
            _make_private(database)
            with closing(_open(database)) as destination:
                destination.execute("PRAGMA journal_mode = WAL")
                # One transaction: whoever reads sees the old state or the new one, and so does a crash.
                source.backup(destination, progress=_shown(progress))
                check(destination, name=database)
    return contents, kept


def check(connection: sqlite3.Connection, *, name: Path) -> Contents:
    """Look through a whole database of this server.

    Raises:
        Misconfigured: It is damaged, or none of this server.
    """
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
    if found != ["ok"]:
        raise Misconfigured(f"{str(name)!r} is damaged: {' '.join(str(found[0]).split())}.")
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"alembic_version", "users", "unlatch_credentials"} <= tables:
        raise Misconfigured(f"{str(name)!r} is no database of unlatch.")
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise Misconfigured(f"{str(name)!r} is damaged: rows refer to accounts that are not there.")
    accounts, passkeys = (
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - names of our own
        for table in ("users", "unlatch_credentials")
    )
    return Contents(accounts, passkeys)


def _set_aside(database: Path, *, replace: bool) -> Path | None:
    """Keep what is in the database in a file beside it, and return that file; None when nothing is in it."""
    if not database.exists() or database.stat().st_size == 0:
        return None
    try:
        with closing(_open(database)) as connection:
            contents: Contents | None = check(connection, name=database)
    except (sqlite3.DatabaseError, Misconfigured):
        contents = None  # damaged: probably why somebody restores
    if contents == Contents(0, 0):
        return None
    if not replace:
        what = "cannot be read" if contents is None else f"has {contents}"
        raise Misconfigured(f"The database {str(database)!r} {what}. To replace it, add --replace: it is kept aside.")
    kept = database.with_name(f"{database.stem}-replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}{database.suffix}")
    if contents is None:
        for suffix in ("", "-wal", "-shm"):
            part = database.with_name(database.name + suffix)
            if part.exists():
                part.rename(kept.with_name(kept.name + suffix))
    else:
        back_up(database, kept, replace=False, progress=lambda _: None)
    return kept


def _remember_uses(connection: sqlite3.Connection, database: Path) -> None:
    """Copy from the database that is replaced which sealed ceremonies were used."""
    if not database.exists():
        return
    connection.execute("ATTACH ? AS former", (str(database),))
    if connection.execute("SELECT 1 FROM former.sqlite_master WHERE name = ?", (_USES,)).fetchone():
        columns = "id_sha256, expires_at"
        connection.execute(
            f"INSERT OR IGNORE INTO main.{_USES} ({columns}) SELECT {columns} FROM former.{_USES}"  # noqa: S608 - names of our own
        )
    connection.execute("DETACH former")


def _is_part_of(database: Path, file: Path) -> bool:
    """Whether a file is one of a database's, by name or because another name leads there too."""
    parts = [database.with_name(database.name + suffix) for suffix in _PARTS]
    return any(
        part.resolve() == file.resolve() or (part.exists() and file.exists() and part.samefile(file)) for part in parts
    )


def _open(path: Path) -> sqlite3.Connection:
    # `mode=rw`: never make a file by looking for one. No transactions but those that are begun here.
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=30, isolation_level=None)


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """An empty file beside `target`, for its owner's eyes only; gone at the end, if it still has its first name."""
    path = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    _make_private(path, flags=os.O_EXCL)
    try:
        yield path
        _sync(target.parent)
    finally:
        for suffix in _PARTS:
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def _make_private(path: Path, *, flags: int = 0) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | flags, mode=0o600))


def _sync(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _shown(progress: Progress) -> Callable[[int, int, int], None]:
    return lambda status, remaining, total: progress(1 - remaining / max(total, 1))  # noqa: ARG005 - SQLite's arguments


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Misconfigured(f"{str(error.filename or path)!r} cannot be used ({error.strerror}).") from error
    except sqlite3.Error as error:
        raise Misconfigured(f"It did not work: {error}. Nothing was changed.") from error


def _s(number: int) -> str:
    return "" if number == 1 else "s"
