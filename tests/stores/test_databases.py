"""The SQL stores on servers that people run: the contract, and a hundred callers at the same moment."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from unlatch.errors import CredentialRefused, Unavailable
from unlatch.stores.contract import (
    NOW,
    CeremonyStoreContract,
    CredentialStoreContract,
    at_once,
    blocking,
    sample_record,
    sample_state,
)
from unlatch.stores.sqlalchemy import AsyncSqlCeremonies, AsyncSqlCredentials, SqlCeremonies, SqlCredentials

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from sqlalchemy import URL, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

    from unlatch.stores.protocols import CeremonyStore, CredentialStore

MANY = 100

#: Name of the engine's fixture and of the driver that awaits.
POSTGRESQL = pytest.param(("postgresql_engine", "postgresql+psycopg"), marks=pytest.mark.needs("postgresql"))
ASYNCMY = pytest.param(("mariadb_engine", "mariadb+asyncmy"), marks=pytest.mark.needs("mariadb"))


def awaited(engine: Engine, driver: str) -> URL:
    return engine.url.set(drivername=driver)


@contextmanager
def blocked(url: URL, store: Callable[[AsyncEngine], Any]) -> Iterator[Any]:
    """An asynchronous store whose connections live in the event loop of `blocking`."""
    with blocking() as block:
        engine = create_async_engine(url)
        yield block(lambda: store(engine))
        block(lambda: engine).dispose()


@asynccontextmanager
async def disposed(engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    yield engine
    await engine.dispose()


@pytest.fixture(params=[POSTGRESQL, ASYNCMY])
def engine(request: pytest.FixtureRequest) -> Engine:
    engine: Engine = request.getfixturevalue(request.param[0])
    return engine


@pytest.fixture(params=[POSTGRESQL, ASYNCMY])
def async_url(request: pytest.FixtureRequest) -> URL:
    name, driver = request.param
    return awaited(request.getfixturevalue(name), driver)


class TestCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self, engine: Engine) -> CredentialStore:
        return SqlCredentials(engine)


class TestCeremonies(CeremonyStoreContract):
    @pytest.fixture
    def store(self, engine: Engine) -> CeremonyStore:
        return SqlCeremonies(engine)


class TestAsyncCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self, async_url: URL) -> Iterator[CredentialStore]:
        with blocked(async_url, AsyncSqlCredentials) as store:
            yield store


class TestAsyncCeremonies(CeremonyStoreContract):
    @pytest.fixture
    def store(self, async_url: URL) -> Iterator[CeremonyStore]:
        with blocked(async_url, AsyncSqlCeremonies) as store:
            yield store


@pytest.mark.needs("mariadb")
class TestCeremoniesWithoutReturning(CeremonyStoreContract):
    """As on MySQL, whose DELETE returns nothing: MariaDB, told to be like it."""

    @pytest.fixture
    def store(self, mariadb_engine: Engine) -> Iterator[CeremonyStore]:
        engine = create_engine(mariadb_engine.url)
        with engine.connect():
            pass  # the dialect asks the server what it can do when it first connects
        engine.dialect.delete_returning = False
        yield SqlCeremonies(engine)
        engine.dispose()


@pytest.mark.needs("mariadb")
class TestAsyncCeremoniesWithoutReturning(CeremonyStoreContract):
    @pytest.fixture
    def store(self, mariadb_engine: Engine) -> Iterator[CeremonyStore]:
        def make(engine: AsyncEngine) -> Any:
            return AsyncSqlCeremonies(engine)

        with blocking() as block:
            engine = create_async_engine(awaited(mariadb_engine, "mariadb+asyncmy"))

            class Connects:
                async def once(self) -> None:
                    async with engine.connect():
                        engine.dialect.delete_returning = False

            block(Connects).once()
            yield block(lambda: make(engine))
            block(lambda: engine).dispose()


def test_a_hundred_threads_take_one_ceremony(engine: Engine) -> None:
    store = SqlCeremonies(engine)
    ceremony_id = store.put(sample_state())
    taken = at_once(lambda _: store.take(ceremony_id, NOW), MANY)
    assert [found for found in taken if found is not None] == [sample_state()]


def test_a_hundred_threads_add_one_credential(engine: Engine) -> None:
    store = SqlCredentials(engine)

    def add(number: int) -> bool:
        try:
            store.add(sample_record(b"id", sign_count=number))
        except CredentialRefused:
            return False
        return True

    added = at_once(add, MANY)
    assert sum(added) == 1
    found = store.get(b"id")
    assert found is not None
    assert found.sign_count == added.index(True)


async def test_a_hundred_tasks_at_once(async_url: URL) -> None:
    async with disposed(create_async_engine(async_url)) as engine:
        ceremonies, credentials = AsyncSqlCeremonies(engine), AsyncSqlCredentials(engine)
        ceremony_id = await ceremonies.put(sample_state())
        taken = await asyncio.gather(*(ceremonies.take(ceremony_id, NOW) for _ in range(MANY)))
        assert [found for found in taken if found is not None] == [sample_state()]
        added = await asyncio.gather(
            *(credentials.add(sample_record(b"id", sign_count=number)) for number in range(MANY)),
            return_exceptions=True,
        )
        assert added.count(None) == 1
        assert sum(isinstance(result, CredentialRefused) for result in added) == MANY - 1


def test_a_duplicate_does_not_break_the_callers_transaction(engine: Engine) -> None:
    """On PostgreSQL, a failed statement outside a savepoint would."""
    with engine.begin() as connection:
        store = SqlCredentials(connection)
        store.add(sample_record(b"first"))
        with pytest.raises(CredentialRefused):
            store.add(sample_record(b"first"))
        store.add(sample_record(b"second"))
    assert [record.id for record in SqlCredentials(engine).for_user(b"ada")] == [b"first", b"second"]


async def test_a_duplicate_does_not_break_the_callers_transaction_async(async_url: URL) -> None:
    async with disposed(create_async_engine(async_url)) as engine:
        async with engine.begin() as connection:
            store = AsyncSqlCredentials(connection)
            await store.add(sample_record(b"first"))
            with pytest.raises(CredentialRefused):
                await store.add(sample_record(b"first"))
            await store.add(sample_record(b"second"))
        assert len(await AsyncSqlCredentials(engine).for_user(b"ada")) == 2


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://nobody@/none?host=/nowhere",
        "postgresql+psycopg://nobody@127.0.0.1:9/none",
    ],
)
def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(Unavailable) as caught:
        SqlCredentials(create_engine(url)).get(b"id")
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://nobody@/none?host=/nowhere",
        "mariadb+asyncmy://nobody@localhost/none?unix_socket=/nowhere",
        "mariadb+asyncmy://nobody@127.0.0.1:9/none",
    ],
)
async def test_a_database_that_is_not_there_is_unavailable_async(url: str) -> None:
    async with disposed(create_async_engine(url)) as engine:
        with pytest.raises(Unavailable):
            await AsyncSqlCeremonies(engine).take("id", NOW)


def test_a_pool_without_a_free_connection_is_unavailable(engine: Engine) -> None:
    small = create_engine(engine.url, pool_size=1, max_overflow=0, pool_timeout=0.1)
    with small.connect(), pytest.raises(Unavailable) as caught:
        SqlCredentials(small).get(b"id")
    assert "QueuePool" in caught.value.detail
    small.dispose()


def test_a_new_sign_in_on_another_connection_sees_what_was_written(engine: Engine) -> None:
    SqlCredentials(engine).add(sample_record(b"id"))
    other = create_engine(engine.url)
    assert SqlCredentials(other).get(b"id") is not None
    assert SqlCredentials(other).update(sample_record(b"id"), sample_record(b"id", sign_count=2))
    found = SqlCredentials(engine).get(b"id")
    assert found is not None
    assert found.sign_count == 2
    other.dispose()
