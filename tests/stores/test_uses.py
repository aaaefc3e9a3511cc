"""Every store of uses lets a key in once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import redis
import redis.asyncio
from sqlalchemy.ext.asyncio import create_async_engine

from services import redis as redis_service
from stores.sql import database
from unlatch.codes import Code
from unlatch.errors import CeremonyRefused
from unlatch.stores.contract import NOW, at_once
from unlatch.stores.memory import AsyncMemoryCeremonyUses, MemoryCeremonyUses
from unlatch.stores.redis import AsyncRedisCeremonyUses, RedisCeremonyUses
from unlatch.stores.sqlalchemy import AsyncSqlCeremonyUses, SqlCeremonyUses, create_async_sqlite_engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from unlatch.stores.protocols import AsyncCeremonyUses, CeremonyUses

KINDS = [
    "memory",
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.needs("postgresql")),
    pytest.param("mariadb", marks=pytest.mark.needs("mariadb")),
    pytest.param("redis", marks=pytest.mark.needs("redis")),
]
LATER = NOW + timedelta(hours=1)


@pytest.fixture(params=KINDS)
def uses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CeremonyUses]:
    match request.param:
        case "memory":
            yield MemoryCeremonyUses()
        case "sqlite":
            with database(tmp_path / "db.sqlite3") as engine:
                yield SqlCeremonyUses(engine)
        case "redis":
            server = request.getfixturevalue("redis_server")
            with redis.Redis.from_url(redis_service.url(server)) as client:
                client.flushall()
                yield RedisCeremonyUses(client)
        case name:
            yield SqlCeremonyUses(request.getfixturevalue(f"{name}_engine"))


@pytest.fixture(params=KINDS)
async def async_uses(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncCeremonyUses]:
    match request.param:
        case "memory":
            yield AsyncMemoryCeremonyUses()
        case "sqlite":
            with database(tmp_path / "db.sqlite3"):
                engine = create_async_sqlite_engine(tmp_path / "db.sqlite3")
                yield AsyncSqlCeremonyUses(engine)
                await engine.dispose()
        case "redis":
            server = request.getfixturevalue("redis_server")
            async with redis.asyncio.Redis.from_url(redis_service.url(server)) as client:
                await client.flushall()
                yield AsyncRedisCeremonyUses(client)
        case name:
            url = request.getfixturevalue(f"{name}_engine").url
            engine = create_async_engine(url.set(drivername="mariadb+asyncmy") if name == "mariadb" else url)
            yield AsyncSqlCeremonyUses(engine)
            await engine.dispose()


def test_a_key_is_used_once(uses: CeremonyUses) -> None:
    for key in (bytes(32), b"\xff" * 32):
        uses.use(key, now=NOW, until=LATER)
        with pytest.raises(CeremonyRefused) as caught:
            uses.use(key, now=NOW, until=LATER)
        assert (caught.value.code, caught.value.step) == (Code.CEREMONY_USED, "options")


async def test_a_key_is_used_once_async(async_uses: AsyncCeremonyUses) -> None:
    await async_uses.use(bytes(32), now=NOW, until=LATER)
    with pytest.raises(CeremonyRefused) as caught:
        await async_uses.use(bytes(32), now=NOW, until=LATER)
    assert caught.value.code is Code.CEREMONY_USED
    assert await async_uses.sweep(NOW) == 0


def test_of_a_hundred_at_once_one_gets_through(uses: CeremonyUses) -> None:
    def use(_: int) -> bool:
        try:
            uses.use(b"k" * 32, now=NOW, until=LATER)
        except CeremonyRefused:
            return False
        return True

    assert sum(at_once(use, 100)) == 1


async def test_of_a_hundred_tasks_at_once_one_gets_through(async_uses: AsyncCeremonyUses) -> None:
    calls = (async_uses.use(b"k" * 32, now=NOW, until=LATER) for _ in range(100))
    results: list[Any] = await asyncio.gather(*calls, return_exceptions=True)
    assert results.count(None) == 1
    assert sum(isinstance(result, CeremonyRefused) for result in results) == 99


def test_sweeping_forgets_what_may_be_forgotten(uses: CeremonyUses) -> None:
    uses.use(b"a" * 32, now=NOW, until=NOW + timedelta(microseconds=1))
    uses.use(b"b" * 32, now=NOW, until=LATER)
    assert uses.sweep(NOW) == 0
    assert uses.sweep(NOW + timedelta(microseconds=1)) <= 1
    with pytest.raises(CeremonyRefused):
        uses.use(b"b" * 32, now=NOW, until=LATER)
