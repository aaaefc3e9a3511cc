"""Connections that threads keep."""

from __future__ import annotations

import threading
import time
from typing import Final

from sqlalchemy import Connection, Engine

#: After this long without a unit, a thread has its connection tried before it uses it.
IDLE_SECONDS: Final = 5.0


class KeptConnections:
    """One connection for each writing thread, kept from unit to unit: fetching one costs more than a statement.

    A connection that breaks is replaced at its next transaction, by SQLAlchemy. One that lay idle may have died
    unseen; so it goes back to the pool now and then, which tries a connection before it hands it out.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._of_thread = threading.local()
        self._all: list[Connection] = []

    def connection(self) -> Connection:
        """The connection of this thread, on which no transaction is under way."""
        now = time.monotonic()
        kept: Connection | None = getattr(self._of_thread, "connection", None)
        if kept is not None and now - self._of_thread.used > IDLE_SECONDS:
            self.give_back()
            kept = None
        if kept is None:
            kept = self._engine.connect()
            self._all.append(kept)
            self._of_thread.connection = kept
        self._of_thread.used = now
        return kept

    def give_back(self) -> None:
        """Have this thread take another one next time."""
        kept: Connection | None = getattr(self._of_thread, "connection", None)
        if kept is not None:
            self._of_thread.connection = None
            self._all.remove(kept)
            kept.close()

    def close(self) -> None:
        """Close all; their threads have ended."""
        while self._all:
            self._all.pop().close()
