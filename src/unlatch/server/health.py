"""Whether this process is alive, and whether it can serve: what supervisors and load balancers ask.

Alive means that it answers at all. Ready means that the database answers and has the tables that this version needs,
and that Redis answers where ceremonies wait there. Each question has a short time limit, and however many ask,
the database is asked about once a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from unlatch.errors import Unavailable
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.database import Database
from unlatch.server.revisions import Level, level_of

#: Seconds that the database or Redis has for its answer.
ANSWER_SECONDS: Final = 2.0

#: Seconds for which an answer is good: nobody can load the database by asking for our health.
GOOD_FOR: Final = 1.0


class Readiness:
    """Asks the database, and Redis if there is one.

    Args:
        database: The database.
        ping: Asks Redis for a sign of life, and raises when there is none; None without Redis.
    """

    def __init__(self, database: Database, *, ping: Callable[[], object] | None = None) -> None:
        self._database = database
        self._ping = ping
        self._asking: asyncio.Task[str] | None = None
        self._asked_at = 0.0

    async def check(self) -> None:
        """Return when everything is there.

        Raises:
            Rejected: With `NOT_READY`; the detail says what is missing.
        """
        if self._asking is None or (self._asking.done() and time.monotonic() - self._asked_at > GOOD_FOR):
            self._asking = asyncio.create_task(self._missing())
            self._asked_at = time.monotonic()
        try:
            # Shielded: the one task answers everybody who asks, and goes on when somebody hangs up.
            missing = await asyncio.wait_for(asyncio.shield(self._asking), ANSWER_SECONDS)
        except TimeoutError:
            missing = f"Nothing answered within {ANSWER_SECONDS:g} seconds."
        if missing:
            raise Rejected(ServerCode.NOT_READY, missing)

    async def _missing(self) -> str:
        """What is missing, as a sentence that tells nothing to strangers; empty for nothing."""
        try:
            level = await self._database.read(_level)
        except Unavailable:
            return "The database does not answer."
        if level is not Level.CURRENT and level is not Level.NEWER:
            return "The database has not been upgraded."
        if self._ping is not None:
            try:
                await asyncio.to_thread(self._ping)
            except Exception:  # noqa: BLE001 - whatever the driver raises: it is not there
                return "Redis does not answer."
        return ""


def _level(connection: Connection) -> Level:
    return level_of(connection)
