"""Rows that are over go away by themselves: a few at a time, beside the requests.

Each few are found by an index on when they ended and deleted in a transaction of their own, so that nobody waits long
for a lock. Several processes may sweep at once: where the database has row locks, each passes over what another is
about to delete. A row that is over is refused wherever it is read, so nothing depends on when it goes.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Column, Connection, Table, delete, select

from unlatch.errors import Unavailable
from unlatch.server import log
from unlatch.server.database import Database
from unlatch.server.removed import KEPT
from unlatch.server.schema import ceremonies, ceremony_uses, removed_passkeys, sessions
from unlatch.server.settings import Settings

#: Rows that one transaction deletes.
AT_ONCE = 500

#: Seconds between two sweeps, on average: each process draws anew, so that several do not keep meeting.
EVERY = 300.0

#: Seconds within which the first sweep begins.
FIRST_WITHIN = 2.0

#: How often a few rows are tried, and the longest pause in seconds before they are tried again. MariaDB ends one of two
#: transactions that delete beside each other when they meet in an index.
_TRIES, _PAUSE = 5, 0.2

_DICE = secrets.SystemRandom()
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Expiry:
    """Which rows of a table are over.

    Attributes:
        table: The table; its primary key is one column.
        ended: The column that says it, which has an index.
        limit: Rows with this time, or an earlier one, go.
    """

    table: Table
    ended: Column[datetime]
    limit: datetime


def expiries(*, now: datetime, settings: Settings) -> list[Expiry]:
    """Everything that can be over at `now`."""
    return [
        Expiry(ceremonies, ceremonies.c.expires_at, now),
        Expiry(ceremony_uses, ceremony_uses.c.expires_at, now),
        # Nobody uses a session that has expired: it goes when it has been idle for long enough too.
        Expiry(sessions, sessions.c.last_seen_at, now - settings.session_idle),
        Expiry(removed_passkeys, removed_passkeys.c.removed_at, now - KEPT),
    ]


def delete_some(connection: Connection, expiry: Expiry, *, since: datetime) -> tuple[int, datetime | None]:
    """Delete at most `AT_ONCE` rows that are over, the oldest first.

    Args:
        connection: In a transaction.
        expiry: Which.
        since: Where to go on: rows that ended earlier are gone or somebody else's. A database finds those it has
            just deleted in its index again, so beginning at the beginning each time would take ever longer.

    Returns:
        How many went, and where to go on; None when nothing is left.
    """
    (key,) = expiry.table.primary_key.columns
    found = connection.execute(
        select(key, expiry.ended)
        .where(expiry.ended <= expiry.limit, expiry.ended >= since)
        .order_by(expiry.ended)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if not found:
        return 0, None
    gone = connection.execute(delete(expiry.table).where(key.in_([row[0] for row in found]))).rowcount
    return gone, found[-1][1] if len(found) == AT_ONCE else None


async def sweep(database: Database, what: Iterable[Expiry]) -> dict[str, int]:
    """Delete everything that is over.

    Returns:
        How many rows went, by table; tables of which none went are left out.

    Raises:
        Unavailable: The database did not answer.
    """
    swept: dict[str, int] = {}
    for expiry in what:
        since: datetime | None = _BEGINNING
        while since is not None:
            started = time.monotonic()
            gone, since = await _delete_some(database, expiry, since)
            if gone:
                swept[expiry.table.name] = swept.get(expiry.table.name, 0) + gone
            if since is not None:
                # At least half of the time belongs to the requests.
                await asyncio.sleep(time.monotonic() - started)
    return swept


async def _delete_some(database: Database, expiry: Expiry, since: datetime) -> tuple[int, datetime | None]:
    work = partial(delete_some, expiry=expiry, since=since)
    for _ in range(_TRIES - 1):
        with suppress(Unavailable):
            return await database.write(work)
        await asyncio.sleep(_DICE.uniform(0, _PAUSE))
    return await database.write(work)


async def sweep_for_ever(
    database: Database, settings: Settings, *, on_swept: Callable[[dict[str, int]], None] | None = None
) -> None:
    """Sweep again and again, until cancelled. A sweep that fails is logged; the next one may succeed.

    Args:
        database: The database.
        settings: How long sessions live.
        on_swept: Told of what went, by table.
    """
    await asyncio.sleep(_DICE.uniform(0, FIRST_WITHIN))
    while True:
        try:
            swept = await sweep(database, expiries(now=datetime.now(UTC), settings=settings))
            if swept:
                log.event("swept", **swept)
                if on_swept is not None:
                    on_swept(swept)
        except Exception as error:  # noqa: BLE001 - nobody waits for this sweep
            log.failure("sweep_failed", error)
        await asyncio.sleep(EVERY * _DICE.uniform(0.5, 1.5))
