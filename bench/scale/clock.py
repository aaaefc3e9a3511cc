"""The time that a database takes, apart from everything that is done with what it answers."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event


class DatabaseClock:
    """Adds up the time of all statements and commits of an engine, in seconds."""

    def __init__(self, engine: Engine) -> None:
        self._total = 0.0
        self._since = 0.0
        event.listen(engine, "before_cursor_execute", self._start)
        event.listen(engine, "after_cursor_execute", self._stop)
        commit = engine.dialect.do_commit

        def timed_commit(connection: Any) -> None:
            started = time.perf_counter()
            commit(connection)
            self._total += time.perf_counter() - started

        engine.dialect.do_commit = timed_commit  # type: ignore[method-assign]  # there is no event after a commit

    def take(self) -> float:
        """The sum since the last call."""
        total, self._total = self._total, 0.0
        return total

    def _start(self, *_: object) -> None:
        self._since = time.perf_counter()

    def _stop(self, *_: object) -> None:
        self._total += time.perf_counter() - self._since
