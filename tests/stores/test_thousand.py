"""A thousand finishes of one ceremony, and five hundred additions of one credential, over eight connections."""

from __future__ import annotations

import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import redis
from sqlalchemy import create_engine

from services import redis as redis_service
from stores.sql import database
from unlatch.errors import CeremonyRefused, CredentialRefused
from unlatch.stores.contract import NOW, sample_record, sample_state
from unlatch.stores.redis import RedisCeremonies, RedisCeremonyUses
from unlatch.stores.sealed import SealedCeremonies
from unlatch.stores.sqlalchemy import SqlCeremonies, SqlCeremonyUses, SqlCredentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from unlatch.stores.protocols import CeremonyStore

EIGHT: dict[str, Any] = {"pool_size": 8, "max_overflow": 0, "pool_timeout": 120}

SQL = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.needs("postgresql")),
    pytest.param("mariadb", marks=pytest.mark.needs("mariadb")),
]
ALL = [
    *SQL,
    pytest.param("redis", marks=pytest.mark.needs("redis")),
    "sealed, sqlite",
    pytest.param("sealed, postgresql", marks=pytest.mark.needs("postgresql")),
    pytest.param("sealed, mariadb", marks=pytest.mark.needs("mariadb")),
    pytest.param("sealed, redis", marks=pytest.mark.needs("redis")),
]


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Engine]]:
    with database(tmp_path / "db.sqlite3", **EIGHT) as sqlite:
        made = [sqlite]

        def make(name: str) -> Engine:
            if name != "sqlite":
                made.append(create_engine(request.getfixturevalue(f"{name}_engine").url, **EIGHT))
            return made[-1]

        yield make
        for each in made:
            each.dispose()


@pytest.fixture(params=ALL)
def ceremonies(request: pytest.FixtureRequest, engine: Callable[[str], Engine]) -> Iterator[CeremonyStore]:
    name = request.param.removeprefix("sealed, ")
    sealing = name != request.param
    keys = [secrets.token_bytes(32)]
    if name != "redis":
        yield SealedCeremonies(keys, uses=SqlCeremonyUses(engine(name))) if sealing else SqlCeremonies(engine(name))
        return
    url = redis_service.url(request.getfixturevalue("redis_server"))
    with redis.Redis(
        connection_pool=redis.BlockingConnectionPool.from_url(url, max_connections=8, timeout=120)
    ) as client:
        yield SealedCeremonies(keys, uses=RedisCeremonyUses(client)) if sealing else RedisCeremonies(client)


def test_of_a_thousand_finishes_one_gets_the_ceremony(ceremonies: CeremonyStore) -> None:
    state = sample_state()
    ceremony_id = ceremonies.put(state)

    def take(_: int) -> object:
        try:
            return ceremonies.take(ceremony_id, NOW)
        except CeremonyRefused:
            return None

    with ThreadPoolExecutor(64) as pool:
        taken = list(pool.map(take, range(1000)))
    assert [found for found in taken if found is not None] == [state]


@pytest.mark.parametrize("name", SQL)
def test_of_five_hundred_additions_one_is_kept(engine: Callable[[str], Engine], name: str) -> None:
    store = SqlCredentials(engine(name))

    def add(number: int) -> str:
        try:
            store.add(sample_record(b"id", user_handle=b"user %d" % number))
        except CredentialRefused:
            return "refused"
        return "kept"

    with ThreadPoolExecutor(64) as pool:
        assert Counter(pool.map(add, range(500))) == {"kept": 1, "refused": 499}
    found = store.get(b"id")
    assert found is not None
    assert store.for_user(found.user_handle) == [found]
