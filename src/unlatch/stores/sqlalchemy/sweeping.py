"""Delete expired rows without keeping anybody waiting: a few at a time.

Where the store is bound to an engine, each few are a transaction of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from unlatch.stores.sqlalchemy.execution import AsyncExecutor, Executor, Operation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Table

#: How many rows one statement deletes.
SWEEP_AT_ONCE = 500


def sweep(executor: Executor, table: Table, now: datetime) -> int:
    """Delete the rows of a table with `id_sha256` and `expires_at` that expire at or before `now`.

    Returns:
        How many were deleted here. It ends when nothing is: inside the caller's transaction it may keep seeing rows
        that another sweep has deleted.
    """
    swept = 0
    while (expired := executor.run(_expired(table, now))) and (forgotten := executor.run(_forget(table, expired))):
        swept += forgotten
    return swept


async def sweep_async(executor: AsyncExecutor, table: Table, now: datetime) -> int:
    """As `sweep`, awaited."""
    swept = 0
    while (expired := await executor.run(_expired(table, now))) and (
        forgotten := await executor.run(_forget(table, expired))
    ):
        swept += forgotten
    return swept


def _expired(table: Table, now: datetime) -> Operation[list[bytes]]:
    return Operation(
        select(table.c.id_sha256).where(table.c.expires_at <= now).limit(SWEEP_AT_ONCE),
        lambda result: list(result.scalars()),
        writes=False,
    )


def _forget(table: Table, ids: list[bytes]) -> Operation[int]:
    return Operation(delete(table).where(table.c.id_sha256.in_(ids)), lambda result: result.rowcount)
