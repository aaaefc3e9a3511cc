"""The database behind the server: short units of work on plain connections, off the event loop.

A unit is a function of a `Connection`. It runs in one worker thread from BEGIN to COMMIT, which costs one hop between
threads for a request instead of several for each statement (measured on SQLite: 0.46 ms of processor time for a unit
of four statements, against 2.1 ms through an asynchronous driver).

SQLite has one writer at a time. Writing units therefore queue for one thread, so that nobody polls for the lock. Those
that wait at the same time are committed together: what a commit costs, which is mostly waiting for the disk, is paid
once for all of them. Nobody is answered before the commit. Databases with row locks have more threads instead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from unlatch.server import writers
from unlatch.server.engines import READERS
from unlatch.server.writers import Writers, given_up, translated
from unlatch.stores.sqlalchemy.sqlite import READ_ONLY

T = TypeVar("T")


class Database:
    """Runs units of work.

    Args:
        engine: Where the tables are.
        is_shared: Whether other processes of this server write to the same database.
    """

    def __init__(self, engine: Engine, *, is_shared: bool = False) -> None:
        self._writable = engine
        self._readable = engine.execution_options(**READ_ONLY)
        self._writing = Writers(engine, is_shared=is_shared)
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="read")

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run a unit that changes nothing.

        Raises:
            Unavailable: The database did not answer.
        """
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, work, time.monotonic())

    async def write(
        self, work: Callable[[Connection], T], *, before: Callable[[Connection], T | None] | None = None
    ) -> T:
        """Run a unit that may write, and commit it.

        Args:
            work: What to do in the transaction.
            before: What can be done before it begins, on the same connection and in the same thread, so that it holds
                nobody up who waits to write. If it returns an answer, there is nothing left to do, and no transaction.
                It may be left out.

        A refusal (`Refused`, `Malformed`, `Rejected`) is a decision and is committed too: the ceremony that it used
        up stays used up. What must not stay after a refusal belongs into a savepoint. Any other error rolls back.

        Raises:
            Unavailable: The database did not answer.
        """
        return await self._writing.run(work, before)

    def connections(self) -> tuple[int, int]:
        """How many connections are at work, and how many are open."""
        pool = self._writable.pool
        if not isinstance(pool, QueuePool):
            return 0, 0
        return pool.checkedout(), pool.checkedout() + pool.checkedin()

    def close(self) -> None:
        """Let running units finish and close all connections."""
        self._writing.close()
        self._reading.shutdown()
        self._writable.dispose()

    def _read(self, work: Callable[[Connection], T], since: float) -> T:
        if time.monotonic() - since > writers.TURN_SECONDS:
            raise given_up()
        try:
            with self._readable.connect() as connection:
                return work(connection)
        except (DBAPIError, PoolTimeoutError) as error:
            raise translated(error) from error
