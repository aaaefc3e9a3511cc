"""Uses of sealed ceremonies as rows; the primary key lets each in once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite

from unlatch.stores.protocols import already_used
from unlatch.stores.sqlalchemy.execution import AsyncExecutor, Executor, Operation
from unlatch.stores.sqlalchemy.sweeping import sweep, sweep_async
from unlatch.stores.sqlalchemy.tables import ceremony_uses

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class SqlCeremonyUses:
    """A `CeremonyUses` in the table `unlatch_ceremony_uses`. Bind it to an engine, as `SqlCeremonies`."""

    def __init__(self, bind: Engine | Connection | Executor) -> None:
        self._executor = Executor.of(bind)

    def use(self, key: bytes, *, now: datetime, until: datetime) -> None:  # noqa: ARG002 - for stores that count down
        """Remember a use; see `CeremonyUses.use`."""
        self._executor.run(_use(key, until))

    def sweep(self, now: datetime) -> int:
        """Forget uses that may be forgotten at `now`, and return how many."""
        return sweep(self._executor, ceremony_uses, now)


class AsyncSqlCeremonyUses:
    """`SqlCeremonyUses`, awaited: bound to an `AsyncEngine` or an `AsyncConnection`."""

    def __init__(self, bind: AsyncEngine | AsyncConnection) -> None:
        self._executor = AsyncExecutor(bind)

    async def use(self, key: bytes, *, now: datetime, until: datetime) -> None:  # noqa: ARG002 - as above
        """As `SqlCeremonyUses.use`."""
        await self._executor.run(_use(key, until))

    async def sweep(self, now: datetime) -> int:
        """As `SqlCeremonyUses.sweep`."""
        return await sweep_async(self._executor, ceremony_uses, now)


_USE = insert(ceremony_uses)
# Whether a row was inserted is asked afterwards; for inserts SQLAlchemy forgets it unless told.
_COUNTED = {"preserve_rowcount": True}
_USE_IF_ABSENT = {
    "sqlite": sqlite.insert(ceremony_uses).on_conflict_do_nothing().execution_options(**_COUNTED),
    "postgresql": postgresql.insert(ceremony_uses).on_conflict_do_nothing().execution_options(**_COUNTED),
    # It would also let through what does not fit the columns; both are made here, in the size of the columns.
    "mysql": insert(ceremony_uses).prefix_with("IGNORE").execution_options(**_COUNTED),
    "mariadb": insert(ceremony_uses).prefix_with("IGNORE").execution_options(**_COUNTED),
}


def _use(key: bytes, until: datetime) -> Operation[None]:
    return Operation(
        _USE,
        lambda result: None,  # noqa: ARG005 - an insert has nothing to read
        {"id_sha256": key, "expires_at": until},
        duplicate=already_used,
        if_absent=_USE_IF_ABSENT,
    )
