"""Ceremony states as rows that are taken by `DELETE ... RETURNING`: each operation once, and the two stores."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import CursorResult, bindparam, delete, insert, select

from unlatch.ceremonies.state import CeremonyState
from unlatch.stores.sqlalchemy.execution import AsyncExecutor, Executor, Operation
from unlatch.stores.sqlalchemy.sweeping import sweep, sweep_async
from unlatch.stores.sqlalchemy.tables import ceremonies, digest

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class SqlCeremonies:
    """A `CeremonyStore` in the table `unlatch_ceremonies`.

    Bind it to an engine, so that a ceremony is used up even when what follows fails. Bound to a connection, a
    rollback of the caller's transaction brings the ceremony back.
    """

    def __init__(self, bind: Engine | Connection | Executor) -> None:
        self._executor = Executor.of(bind)

    def put(self, state: CeremonyState) -> str:
        """Keep a state and return its id: 192 random bits as text, of which the table holds the SHA-256."""
        ceremony_id = secrets.token_urlsafe(24)
        self._executor.run(_put(ceremony_id, state))
        return ceremony_id

    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """Return a state once, unless it has expired; see `CeremonyStore.take`."""
        return self._executor.run(_take(ceremony_id, now))

    def sweep(self, now: datetime) -> int:
        """Forget states that expire at or before `now`, and return how many."""
        return sweep(self._executor, ceremonies, now)


class AsyncSqlCeremonies:
    """`SqlCeremonies`, awaited: bound to an `AsyncEngine` or an `AsyncConnection`."""

    def __init__(self, bind: AsyncEngine | AsyncConnection) -> None:
        self._executor = AsyncExecutor(bind)

    async def put(self, state: CeremonyState) -> str:
        """As `SqlCeremonies.put`."""
        ceremony_id = secrets.token_urlsafe(24)
        await self._executor.run(_put(ceremony_id, state))
        return ceremony_id

    async def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """As `SqlCeremonies.take`."""
        return await self._executor.run(_take(ceremony_id, now))

    async def sweep(self, now: datetime) -> int:
        """As `SqlCeremonies.sweep`."""
        return await sweep_async(self._executor, ceremonies, now)


_PUT = insert(ceremonies)
_FOUND = ceremonies.c.id_sha256 == bindparam("id")
_COLUMNS = (ceremonies.c.state, ceremonies.c.expires_at)
_TAKE = delete(ceremonies).where(_FOUND).returning(*_COLUMNS)
_TAKE_IN_TWO = (select(*_COLUMNS).where(_FOUND).with_for_update(), delete(ceremonies).where(_FOUND))


def _put(ceremony_id: str, state: CeremonyState) -> Operation[None]:
    return Operation(
        _PUT,
        lambda result: None,  # noqa: ARG005 - an insert has nothing to read
        {
            "id_sha256": digest(ceremony_id),
            "kind": str(state.kind),
            "state": state.to_json(),
            "expires_at": state.expires_at,
        },
    )


def _take(ceremony_id: str, now: datetime) -> Operation[CeremonyState | None]:
    def read(result: CursorResult[Any]) -> CeremonyState | None:
        row = result.one_or_none()
        return None if row is None or row.expires_at <= now else CeremonyState.from_json(row.state)

    return Operation(_TAKE, read, {"id": digest(ceremony_id)}, without_returning=_TAKE_IN_TWO)
