"""One server of each kind for all tests that need it, and its stores with empty tables for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from services import mariadb, postgresql, redis
from unlatch.stores.sqlalchemy import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from services.private import Server


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    with postgresql.postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    with mariadb.mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Server]:
    with redis.redis() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_schema(postgresql_server: Server) -> Iterator[Engine]:
    yield from _schema(postgresql.url(postgresql_server))


@pytest.fixture(scope="session")
def mariadb_schema(mariadb_server: Server) -> Iterator[Engine]:
    yield from _schema(mariadb.url(mariadb_server))


@pytest.fixture
def postgresql_engine(postgresql_schema: Engine) -> Engine:
    return _emptied(postgresql_schema)


@pytest.fixture
def mariadb_engine(mariadb_schema: Engine) -> Engine:
    return _emptied(mariadb_schema)


def _schema(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def _emptied(engine: Engine) -> Engine:
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
    return engine
