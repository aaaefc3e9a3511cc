"""One server of each kind for the tests of this folder, with an empty database for each test that asks."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import create_engine, make_url, text

from services import mariadb, postgresql, redis


@pytest.fixture(scope="session")
def postgresql_server():
    with postgresql.postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server():
    with mariadb.mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server():
    with redis.redis() as server:
        yield server


_NUMBERS = itertools.count(1)


@pytest.fixture
def postgresql_url(postgresql_server):
    return empty(postgresql.url(postgresql_server))


@pytest.fixture
def mariadb_url(mariadb_server):
    return empty(mariadb.url(mariadb_server))


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'unlatch.sqlite3'}"


ANY_DATABASE = [
    "sqlite_url",
    pytest.param("postgresql_url", marks=pytest.mark.needs("postgresql")),
    pytest.param("mariadb_url", marks=pytest.mark.needs("mariadb")),
]


@pytest.fixture(params=ANY_DATABASE)
def database_url(request):
    """Each kind of database in turn, empty."""
    return request.getfixturevalue(request.param)


def empty(url):
    """A new database on the server of `url`."""
    name = f"test{next(_NUMBERS)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)
