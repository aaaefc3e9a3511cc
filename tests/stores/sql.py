"""SQLite databases with the tables in them, and their engines disposed of at the end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from unlatch.stores.sqlalchemy import create_async_sqlite_engine, create_sqlite_engine, metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine


@contextmanager
def database(path: Path, **options: Any) -> Iterator[Engine]:
    engine = create_sqlite_engine(path, **options)
    event.listen(engine, "connect", _hurry)
    metadata.create_all(engine)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def async_database(path: Path, block: Callable[[Callable[[], Any]], Any], **options: Any) -> Iterator[AsyncEngine]:
    """`block` is what `blocking()` yields: the engine's connections live in its event loop."""
    with database(path):
        pass
    engine = create_async_sqlite_engine(path, **options)
    event.listen(engine.sync_engine, "connect", _hurry)
    try:
        yield engine
    finally:
        block(lambda: engine).dispose()


def _hurry(connection: Any, _: object) -> None:
    """These files need not survive a power cut."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()
