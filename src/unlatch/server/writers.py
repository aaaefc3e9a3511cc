"""Threads that run units of work and commit them; on SQLite one thread, which commits those that wait together."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from unlatch.codes import Code
from unlatch.errors import Malformed, Refused, Unavailable
from unlatch.server.codes import Rejected
from unlatch.server.engines import writers_for
from unlatch.server.kept import KeptConnections
from unlatch.server.turns import turns_at
from unlatch.stores.sqlalchemy.direct import Direct

T = TypeVar("T")

#: Most units that SQLite commits together: a few hundredths of a second of work.
TOGETHER: Final = 32

#: Seconds after which a unit that still waits for its turn is given up: when the database hangs, whoever asked has
#: left or soon will, and those who ask when it is back must not queue behind all of them.
TURN_SECONDS: Final = 10.0

#: Errors that are answers: what was written on the way to them stays.
_DECISIONS = (Refused, Malformed, Rejected)


class Writers:
    """Runs units that may write, each from BEGIN to COMMIT in one thread.

    Args:
        engine: Where the tables are.
        is_shared: Whether other processes of this server write to the same database.
    """

    def __init__(self, engine: Engine, *, is_shared: bool = False) -> None:
        self._kept = KeptConnections(engine)
        in_file = engine.dialect.name == "sqlite"
        self._turns = turns_at(Path(str(engine.url.database))) if in_file and is_shared else None
        self._most = TOGETHER if in_file else 1
        # With one thread that writes, and nobody else, nothing is held up by what could come before.
        self._goes_before = is_shared or not in_file
        # None has one thread end. It comes after whatever waits, which is still done.
        self._waiting: SimpleQueue[_Unit | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"write_{number}", daemon=True)
            for number in range(writers_for(engine))
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, work: Callable[[Connection], T], before: Callable[[Connection], T | None] | None = None) -> T:
        """Run a unit when it is its turn; see `Database.write`."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.put(_Unit(work, before, answer, time.monotonic()))
        return await answer

    def close(self) -> None:
        """Let units that wait finish, and close the connections."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        self._kept.close()

    def _work(self) -> None:
        while (unit := self._waiting.get()) is not None:
            units = [each for each in (unit, *self._more()) if not each.answer.cancelled()]
            for each in units:
                if time.monotonic() - each.since > TURN_SECONDS:
                    each.error = given_up()
            left = [each for each in units if each.error is None]
            try:
                left = [each for each in left if self._is_left(each)]
                if left:
                    self._commit(left)
            except BaseException as error:  # noqa: BLE001 - they wait, and are told whatever it is
                for each in left:
                    each.error = error
            _tell(units)

    def _more(self) -> Iterator[_Unit]:
        """Those that wait too, as many as are committed together."""
        with suppress(Empty):
            for _ in range(1, self._most):
                unit = self._waiting.get_nowait()
                if unit is None:
                    self._waiting.put(None)
                    return
                yield unit

    def _is_left(self, unit: _Unit) -> bool:
        """Do what comes before the transaction; whether it is needed then."""
        if unit.before is None or not self._goes_before:
            return True
        try:
            unit.value = unit.before(self._kept.connection())
        except Exception as error:  # noqa: BLE001 - the one who asked for this unit is told
            unit.error = error
            if isinstance(error, (DBAPIError, PoolTimeoutError)):
                unit.error = translated(error)
            if not isinstance(error, _DECISIONS):
                self._kept.give_back()
        return unit.value is None and unit.error is None

    def _commit(self, units: list[_Unit]) -> None:
        """Run units in one transaction, and commit it."""
        try:
            connection = self._kept.connection()
            with self._turn(units[0]), connection.begin():
                if len(units) == 1:
                    _run(units[0], connection)
                else:
                    _run_together(units, connection)
        except (DBAPIError, PoolTimeoutError) as error:
            self._kept.give_back()
            raise translated(error) from error
        except Unavailable:
            self._kept.give_back()
            raise

    @contextmanager
    def _turn(self, unit: _Unit) -> Iterator[None]:
        """The turn among all processes that write to the same file; `unit` has waited longest."""
        if self._turns is None:
            yield
            return
        if not self._turns.take(TURN_SECONDS - (time.monotonic() - unit.since)):
            raise given_up()
        try:
            yield
        finally:
            self._turns.leave()


@dataclass(slots=True)
class _Unit:
    """A unit of work, who waits for it, and what became of it.

    Attributes:
        work: What to do in the transaction.
        before: What to do before it; its answer, if it has one, is that of the unit.
        answer: Set in the event loop that it belongs to.
        since: When it was asked for (`time.monotonic`).
        value: What `work` or `before` returned.
        error: What it raised, or why it was not done.
    """

    work: Callable[[Connection], Any]
    before: Callable[[Connection], Any] | None
    answer: asyncio.Future[Any]
    since: float
    value: Any = None
    error: BaseException | None = None


def _run(unit: _Unit, connection: Connection) -> None:
    try:
        unit.value = unit.work(connection)
    except _DECISIONS as decision:
        unit.error = decision


def _run_together(units: list[_Unit], connection: Connection) -> None:
    """Run each unit in a savepoint: what one of them does wrong is taken back alone."""
    direct = Direct(connection)
    for unit in units:
        direct.command("SAVEPOINT unit")
        try:
            _run(unit, connection)
        except Exception as error:  # noqa: BLE001 - the one who asked for this unit is told
            # If SQLite has given up the whole transaction, this fails, and so do all of them.
            direct.command("ROLLBACK TO unit")
            away = isinstance(error, (DBAPIError, PoolTimeoutError))
            unit.error = translated(error) if away else error
        direct.command("RELEASE unit")


def _tell(units: list[_Unit]) -> None:
    """Wake the event loop once for all units of it."""
    waiting: dict[asyncio.AbstractEventLoop, list[_Unit]] = {}
    for unit in units:
        waiting.setdefault(unit.answer.get_loop(), []).append(unit)
    for loop, its in waiting.items():
        with suppress(RuntimeError):  # it was closed, and nobody waits any more
            loop.call_soon_threadsafe(_answer, its)


def _answer(units: list[_Unit]) -> None:
    for unit in units:
        if unit.answer.done():  # cancelled
            continue
        if unit.error is None:
            unit.answer.set_result(unit.value)
        else:
            unit.answer.set_exception(unit.error)


def given_up() -> Unavailable:
    """What somebody is told who waited for longer than `TURN_SECONDS`."""
    return Unavailable(Code.STORE_UNAVAILABLE, detail=f"the database had no time for this within {TURN_SECONDS:g} s")


def translated(error: Exception) -> Exception:
    """A broken constraint is a bug of ours and stays what it is; everything else is the database being away."""
    if isinstance(error, IntegrityError):
        return error
    return Unavailable(Code.STORE_UNAVAILABLE, detail=f"{type(error).__name__}: {error}")
