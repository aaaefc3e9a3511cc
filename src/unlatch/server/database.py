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
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from unlatch.codes import Code
from unlatch.errors import Malformed, Refused, Unavailable
from unlatch.server.codes import Rejected
from unlatch.server.engines import READERS, writers_for
from unlatch.server.kept import KeptConnections
from unlatch.stores.sqlalchemy.sqlite import READ_ONLY

T = TypeVar("T")

#: Most units that SQLite commits together: a few hundredths of a second of work.
TOGETHER: Final = 32

#: Seconds after which a unit that still waits for its turn is given up: when the database hangs, whoever asked has
#: left or soon will, and those who ask when it is back must not queue behind all of them.
TURN_SECONDS: Final = 10.0


class Database:
    """Runs units of work.

    Args:
        engine: Where the tables are.
    """

    def __init__(self, engine: Engine) -> None:
        self._writable = engine
        self._kept = KeptConnections(engine)
        self._readable = engine.execution_options(**READ_ONLY)
        self._waiting: deque[tuple[Callable[[Connection], Any], Future[Any], float]] = deque()
        self._writing = ThreadPoolExecutor(writers_for(engine), thread_name_prefix="write")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="read")

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run a unit that changes nothing.

        Raises:
            Unavailable: The database did not answer.
        """
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, work, time.monotonic())

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run a unit that may write, and commit it.

        A refusal (`Refused`, `Malformed`, `Rejected`) is a decision and is committed too: the ceremony that it used
        up stays used up. What must not stay after a refusal belongs into a savepoint. Any other error rolls back.

        Raises:
            Unavailable: The database did not answer.
        """
        future: Future[T] = Future()
        self._waiting.append((work, future, time.monotonic()))
        self._writing.submit(self._write_waiting)
        return await asyncio.wrap_future(future)

    def connections(self) -> tuple[int, int]:
        """How many connections are at work, and how many are open."""
        pool = self._writable.pool
        if not isinstance(pool, QueuePool):
            return 0, 0
        return pool.checkedout(), pool.checkedout() + pool.checkedin()

    def close(self) -> None:
        """Let running units finish and close all connections."""
        self._writing.shutdown()
        self._reading.shutdown()
        self._kept.close()
        self._writable.dispose()

    def _read(self, work: Callable[[Connection], T], since: float) -> T:
        if _too_late(since):
            raise _given_up()
        try:
            with self._readable.connect() as connection:
                return work(connection)
        except (DBAPIError, PoolTimeoutError) as error:
            raise _translated(error) from error

    def _write_waiting(self) -> None:
        """Run a unit that waits; with SQLite, all that wait. It is called once for each, so it may find none."""
        most = TOGETHER if self._writable.dialect.name == "sqlite" else 1
        units: list[tuple[Callable[[Connection], Any], Future[Any]]] = []
        while len(units) < most and self._waiting:
            work, future, since = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            if _too_late(since):
                future.set_exception(_given_up())
            else:
                units.append((work, future))
        if not units:
            return
        works = [work for work, _ in units]
        try:
            outcomes = [self._write(works[0])] if len(works) == 1 else self._write_together(works)
        except BaseException as error:  # noqa: BLE001 - they wait, and are told whatever it is
            outcomes = [_Outcome(error=error)] * len(units)
        for (_, future), outcome in zip(units, outcomes, strict=True):
            if outcome.error is None:
                future.set_result(outcome.value)
            else:
                future.set_exception(outcome.error)

    def _write(self, work: Callable[[Connection], Any]) -> _Outcome:
        with self._transaction() as connection:
            try:
                return _Outcome(work(connection))
            except _DECISIONS as decision:
                return _Outcome(error=decision)

    def _write_together(self, works: list[Callable[[Connection], Any]]) -> list[_Outcome]:
        """Each unit in a savepoint, all in one transaction: what one of them does wrong is taken back alone."""
        outcomes = []
        with self._transaction() as connection:
            for work in works:
                connection.exec_driver_sql("SAVEPOINT unit")
                try:
                    outcomes.append(_Outcome(work(connection)))
                except _DECISIONS as decision:
                    outcomes.append(_Outcome(error=decision))
                except Exception as error:  # noqa: BLE001 - the one who asked for this unit is told
                    # If SQLite has given up the whole transaction, this fails, and so do all of them.
                    connection.exec_driver_sql("ROLLBACK TO unit")
                    away = isinstance(error, (DBAPIError, PoolTimeoutError))
                    outcomes.append(_Outcome(error=_translated(error) if away else error))
                connection.exec_driver_sql("RELEASE unit")
        return outcomes

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            connection = self._kept.connection()
            with connection.begin():
                yield connection
        except (DBAPIError, PoolTimeoutError) as error:
            self._kept.give_back()
            raise _translated(error) from error
        except Unavailable:
            self._kept.give_back()
            raise


#: Errors that are answers: what was written on the way to them stays.
_DECISIONS = (Refused, Malformed, Rejected)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a unit: its value, or what it raised."""

    value: Any = None
    error: BaseException | None = None


def _too_late(since: float) -> bool:
    return time.monotonic() - since > TURN_SECONDS


def _given_up() -> Unavailable:
    return Unavailable(Code.STORE_UNAVAILABLE, detail=f"the database had no time for this within {TURN_SECONDS:g} s")


def _translated(error: Exception) -> Exception:
    """A broken constraint is a bug of ours and stays what it is; everything else is the database being away."""
    if isinstance(error, IntegrityError):
        return error
    return Unavailable(Code.STORE_UNAVAILABLE, detail=f"{type(error).__name__}: {error}")
