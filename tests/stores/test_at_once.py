"""A hundred requests at the same moment, on every store that needs no server, blocking and asynchronous."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from stores.sql import database
from unlatch.errors import CredentialRefused
from unlatch.stores.contract import NOW, at_once, sample_record, sample_state
from unlatch.stores.memory import AsyncMemoryCeremonies, AsyncMemoryCredentials, MemoryCeremonies, MemoryCredentials
from unlatch.stores.sqlalchemy import (
    AsyncSqlCeremonies,
    AsyncSqlCredentials,
    SqlCeremonies,
    SqlCredentials,
    create_async_sqlite_engine,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from unlatch.stores.protocols import AsyncCeremonyStore, AsyncCredentialStore, CeremonyStore, CredentialStore

MANY = 100


@pytest.fixture(params=["memory", "sqlite"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[CredentialStore, CeremonyStore]]:
    if request.param == "memory":
        yield MemoryCredentials(), MemoryCeremonies()
        return
    with database(tmp_path / "db.sqlite3") as engine:
        yield SqlCredentials(engine), SqlCeremonies(engine)


@pytest.fixture(params=["memory", "sqlite"])
async def async_stores(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[AsyncCredentialStore, AsyncCeremonyStore]]:
    if request.param == "memory":
        yield AsyncMemoryCredentials(), AsyncMemoryCeremonies()
        return
    with database(tmp_path / "db.sqlite3"):
        engine = create_async_sqlite_engine(tmp_path / "db.sqlite3")
        yield AsyncSqlCredentials(engine), AsyncSqlCeremonies(engine)
        await engine.dispose()


def test_a_hundred_threads_take_one_ceremony(stores: tuple[CredentialStore, CeremonyStore]) -> None:
    _, ceremonies = stores
    state = sample_state()
    ceremony_id = ceremonies.put(state)
    taken = at_once(lambda _: ceremonies.take(ceremony_id, NOW), MANY)
    assert [found for found in taken if found is not None] == [state]


def test_a_hundred_threads_add_one_credential(stores: tuple[CredentialStore, CeremonyStore]) -> None:
    credentials, _ = stores

    def add(number: int) -> bool:
        try:
            credentials.add(sample_record(b"id", user_handle=b"user %d" % number))
        except CredentialRefused:
            return False
        return True

    added = at_once(add, MANY)
    assert sum(added) == 1
    found = credentials.get(b"id")
    assert found is not None
    assert found.user_handle == b"user %d" % added.index(True)


async def test_a_hundred_tasks_take_one_ceremony(
    async_stores: tuple[AsyncCredentialStore, AsyncCeremonyStore],
) -> None:
    _, ceremonies = async_stores
    state = sample_state()
    ceremony_id = await ceremonies.put(state)
    taken = await asyncio.gather(*(ceremonies.take(ceremony_id, NOW) for _ in range(MANY)))
    assert [found for found in taken if found is not None] == [state]


async def test_a_hundred_tasks_add_one_credential(
    async_stores: tuple[AsyncCredentialStore, AsyncCeremonyStore],
) -> None:
    credentials, _ = async_stores
    results = await asyncio.gather(
        *(credentials.add(sample_record(b"id", sign_count=number)) for number in range(MANY)), return_exceptions=True
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, CredentialRefused) for result in results) == MANY - 1
    found = await credentials.get(b"id")
    assert found is not None
    assert found.sign_count == results.index(None)
