"""The public contract on stores whose statements go straight to the driver."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from stores.sql import database
from unlatch.errors import Unavailable
from unlatch.stores.contract import CeremonyStoreContract, CredentialStoreContract
from unlatch.stores.contract.samples import NOW, sample_record, sample_state
from unlatch.stores.sqlalchemy import SqlCeremonies, SqlCeremonyUses, SqlCredentials
from unlatch.stores.sqlalchemy.direct import Direct

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


class InUnits:
    """A store each of whose calls is a transaction of its own, direct."""

    def __init__(self, engine: Engine, kind: Any) -> None:
        self._engine = engine
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            with self._engine.begin() as connection:
                return getattr(self._kind(Direct(connection)), name)(*arguments)

        return call


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with database(tmp_path / "db.sqlite3", pool_size=40) as engine:
        yield engine


class OnPostgresql:
    """With PostgreSQL in place of SQLite."""

    pytestmark = pytest.mark.needs("postgresql")

    @pytest.fixture
    def engine(self, postgresql_engine: Engine) -> Engine:
        return postgresql_engine


class OnMariadb:
    """With MariaDB in place of SQLite."""

    pytestmark = pytest.mark.needs("mariadb")

    @pytest.fixture
    def engine(self, mariadb_engine: Engine) -> Engine:
        return mariadb_engine


class TestDirectCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self, engine: Engine) -> Any:
        return InUnits(engine, SqlCredentials)


class TestDirectCeremonies(CeremonyStoreContract):
    @pytest.fixture
    def store(self, engine: Engine) -> Any:
        return InUnits(engine, SqlCeremonies)


class TestDirectCredentialsOnPostgresql(OnPostgresql, TestDirectCredentials):
    pass


class TestDirectCeremoniesOnPostgresql(OnPostgresql, TestDirectCeremonies):
    pass


class TestDirectCredentialsOnMariadb(OnMariadb, TestDirectCredentials):
    pass


class TestDirectCeremoniesOnMariadb(OnMariadb, TestDirectCeremonies):
    pass


def test_every_field_comes_back_as_through_sqlalchemy(engine: Engine) -> None:
    record = replace(sample_record(b"id"), last_used_at=NOW, name="\u00fc", transports=("usb", "x"))
    with engine.begin() as connection:
        SqlCredentials(connection).add(record)
        direct = SqlCredentials(Direct(connection))
        assert direct.get(b"id") == SqlCredentials(connection).get(b"id") == record


def test_what_the_driver_says_is_unavailable(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE unlatch_ceremony_uses"))
        uses = SqlCeremonyUses(Direct(connection))
        with pytest.raises(Unavailable, match="again") as caught:
            uses.use(bytes(32), now=NOW, until=NOW)
        assert "no such table" in caught.value.evidence()["detail"]


def test_a_database_whose_delete_returns_nothing_takes_in_two_statements(engine: Engine) -> None:
    engine.dialect.delete_returning = False
    states = InUnits(engine, SqlCeremonies)
    ceremony_id = states.put(sample_state())
    assert states.take(ceremony_id, NOW) == sample_state()
    assert states.take(ceremony_id, NOW) is None


@pytest.mark.needs("postgresql")
def test_a_connection_that_the_server_ended_is_thrown_away(postgresql_engine: Engine) -> None:
    with postgresql_engine.connect() as other, postgresql_engine.connect() as connection:
        credentials = SqlCredentials(Direct(connection))
        assert credentials.get(b"id") is None
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        other.exec_driver_sql(f"SELECT pg_terminate_backend({number})")
        with pytest.raises(Unavailable):
            credentials.get(b"id")
        assert connection.invalidated
        with pytest.raises(Unavailable):
            credentials.get(b"id")
        connection.rollback()
        assert credentials.get(b"id") is None


@pytest.mark.needs("postgresql")
def test_a_connection_that_the_server_ended_between_statements_of_their_own(postgresql_engine: Engine) -> None:
    with postgresql_engine.connect() as other, postgresql_engine.connect() as connection:
        direct = Direct(connection)
        credentials = SqlCredentials(direct)
        with direct.each_by_itself():
            assert credentials.get(b"id") is None
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        connection.rollback()
        other.exec_driver_sql(f"SELECT pg_terminate_backend({number})")
        with pytest.raises(Unavailable), direct.each_by_itself():
            credentials.get(b"id")
        assert connection.invalidated
        lost = connection.connection.dbapi_connection
        lost.close()
        with pytest.raises(Unavailable, match="busy"), Direct(connection).each_by_itself():
            pass
    with postgresql_engine.connect() as connection:
        again = Direct(connection)
        with again.each_by_itself():
            assert SqlCredentials(again).get(b"id") is None
        assert not connection.connection.dbapi_connection.autocommit
