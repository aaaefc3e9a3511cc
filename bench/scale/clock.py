"""The time that a database takes, apart from everything that is done with what it answers."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from sqlalchemy import Engine, event


class DatabaseClock:
    """Adds up the time of all statements and commits of an engine on PostgreSQL, in seconds.

    It measures at the driver, so that it makes no difference how a statement gets there.
    """

    def __init__(self, engine: Engine) -> None:
        self._total = 0.0
        clock = self

        class Timed(psycopg.Cursor[Any]):
            def execute(self, *arguments: Any, **options: Any) -> Any:
                started = time.perf_counter()
                try:
                    return super().execute(*arguments, **options)
                finally:
                    clock.add(time.perf_counter() - started)

        def watch(connection: Any, _: object) -> None:
            commit = connection.commit

            def timed_commit() -> None:
                started = time.perf_counter()
                commit()
                clock.add(time.perf_counter() - started)

            connection.cursor_factory = Timed
            connection.commit = timed_commit

        event.listen(engine, "connect", watch)

    def add(self, seconds: float) -> None:
        """Note what the database took."""
        self._total += seconds

    def take(self) -> float:
        """The sum since the last call."""
        total, self._total = self._total, 0.0
        return total
