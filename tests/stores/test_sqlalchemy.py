"""What is special about the stores in a SQL database: transactions, indexes, what a leaked table tells, failures."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import MetaData, create_engine, event, func, insert, inspect, select, text
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateTable

from stores.sql import database
from unlatch.codes import Code
from unlatch.errors import CredentialRefused, Unavailable
from unlatch.stores.contract import NOW, at_once, sample_record, sample_state
from unlatch.stores.sqlalchemy import (
    AsyncSqlCeremonies,
    AsyncSqlCredentials,
    SqlCeremonies,
    SqlCeremonyUses,
    SqlCredentials,
    add_tables,
    ceremonies,
    create_async_sqlite_engine,
    create_sqlite_engine,
    credentials,
    metadata,
)
from unlatch.stores.sqlalchemy.sweeping import SWEEP_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with database(tmp_path / "db.sqlite3") as engine:
        yield engine


def test_on_a_connection_the_caller_commits(engine: Engine) -> None:
    with engine.connect() as connection:
        SqlCredentials(connection).add(sample_record(b"id"))
        assert SqlCredentials(connection).get(b"id") is not None
        connection.rollback()
    assert SqlCredentials(engine).get(b"id") is None
    with engine.begin() as connection:
        SqlCredentials(connection).add(sample_record(b"id"))
    assert SqlCredentials(engine).get(b"id") is not None


def test_a_duplicate_does_not_break_the_callers_transaction(engine: Engine) -> None:
    SqlCredentials(engine).add(sample_record(b"taken"))
    with engine.begin() as connection:
        store = SqlCredentials(connection)
        store.add(sample_record(b"before"))
        with pytest.raises(CredentialRefused):
            store.add(sample_record(b"taken"))
        store.add(sample_record(b"after"))
    assert [record.id for record in SqlCredentials(engine).for_user(b"ada")] == [b"taken", b"before", b"after"]


def test_a_rolled_back_take_gives_the_ceremony_back(engine: Engine) -> None:
    ceremony_id = SqlCeremonies(engine).put(sample_state())
    with engine.connect() as connection:
        assert SqlCeremonies(connection).take(ceremony_id, NOW) is not None
        connection.rollback()
    assert SqlCeremonies(engine).take(ceremony_id, NOW) is not None


async def test_on_an_async_connection_the_caller_commits(tmp_path: Path) -> None:
    with database(tmp_path / "db.sqlite3"):
        engine = create_async_sqlite_engine(tmp_path / "db.sqlite3")
    async with engine.connect() as connection:
        store = AsyncSqlCredentials(connection)
        await store.add(sample_record(b"id"))
        with pytest.raises(CredentialRefused):
            await store.add(sample_record(b"id"))
        await store.add(sample_record(b"second"))
        ceremony_id = await AsyncSqlCeremonies(connection).put(sample_state())
        assert len(await store.for_user(b"ada")) == 2
        await connection.commit()
    assert len(await AsyncSqlCredentials(engine).for_user(b"ada")) == 2
    assert await AsyncSqlCeremonies(engine).take(ceremony_id, NOW) == sample_state()
    await engine.dispose()


def test_the_table_does_not_hold_what_finishes_a_ceremony(engine: Engine) -> None:
    ceremony_id = SqlCeremonies(engine).put(sample_state())
    with engine.connect() as connection:
        row = connection.execute(select(ceremonies)).one()
    assert ceremony_id not in str(row)
    assert ceremony_id.encode() not in row.id_sha256
    assert SqlCeremonies(engine).take(row.id_sha256.hex(), NOW) is None


def test_a_ceremony_found_expired_is_gone_even_if_the_clock_goes_back(engine: Engine) -> None:
    store = SqlCeremonies(engine)
    ceremony_id = store.put(sample_state())
    assert store.take(ceremony_id, NOW + timedelta(seconds=300)) is None
    assert store.take(ceremony_id, NOW) is None


def test_sweeping_deletes_rows_a_few_at_a_time(engine: Engine) -> None:
    store = SqlCeremonies(engine)
    alive = sample_state(expires_at=NOW + timedelta(seconds=1))
    ceremony_id = store.put(alive)
    with engine.begin() as connection:
        row = connection.execute(select(ceremonies)).one()
        expired = [
            {**row._mapping, "id_sha256": number.to_bytes(32, "big"), "expires_at": NOW}
            for number in range(SWEEP_AT_ONCE * 2 + 1)
        ]
        connection.execute(insert(ceremonies), expired)
    most = 0

    def count(connection: Any, cursor: Any, *_: Any) -> None:
        nonlocal most
        most = max(most, cursor.rowcount)

    event.listen(engine, "after_cursor_execute", count)
    assert store.sweep(NOW) == len(expired)
    assert most == SWEEP_AT_ONCE
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(ceremonies)) == 1
    assert store.take(ceremony_id, NOW) == alive


def test_no_look_up_scans(engine: Engine) -> None:
    """Every statement of the stores finds its rows by an index."""
    plans: list[str] = []
    planning = False

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        nonlocal planning
        if planning or statement.split(maxsplit=1)[0] not in ("SELECT", "UPDATE", "DELETE"):
            return
        planning = True
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.extend(row.detail for row in rows)
        planning = False

    event.listen(engine, "before_cursor_execute", explain)
    records, states = SqlCredentials(engine), SqlCeremonies(engine)
    record = sample_record(b"id")
    records.add(record)
    records.get(b"id")
    records.for_user(b"ada")
    records.update(record, record)
    records.rename(b"ada", b"id", "name")
    records.remove(b"ada", b"id")
    states.take(states.put(sample_state()), NOW)
    states.put(sample_state(expires_at=NOW))
    assert states.sweep(NOW) == 1
    uses = SqlCeremonyUses(engine)
    uses.use(bytes(32), now=NOW, until=NOW)
    assert uses.sweep(NOW) == 1
    assert len(plans) == 12
    by_index = ("INDEX", "PRIMARY KEY")
    assert all(plan.startswith("SEARCH") and any(f" {way}" in plan for way in by_index) for plan in plans), plans


def test_the_unique_constraint_is_in_the_schema(engine: Engine) -> None:
    inspector = inspect(engine)
    assert [each["column_names"] for each in inspector.get_unique_constraints("unlatch_credentials")] == [["id_sha256"]]
    assert inspector.get_pk_constraint("unlatch_ceremonies")["constrained_columns"] == ["id_sha256"]


def test_sqlite_is_set_up_for_a_server(tmp_path: Path) -> None:
    engine = create_sqlite_engine(tmp_path / "db.sqlite3", busy_timeout=3)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 3000
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    engine.dispose()


def test_readers_do_not_wait_for_a_writer(engine: Engine, tmp_path: Path) -> None:
    hasty = create_sqlite_engine(tmp_path / "db.sqlite3", busy_timeout=0)
    SqlCredentials(engine).add(sample_record(b"id"))
    with engine.begin() as connection:
        SqlCredentials(connection).remove(b"ada", b"id")
        assert SqlCredentials(hasty).get(b"id") is not None
        with pytest.raises(Unavailable) as caught:
            SqlCredentials(hasty).add(sample_record(b"other"))
    assert caught.value.code is Code.STORE_UNAVAILABLE
    assert "locked" in caught.value.detail
    assert caught.value.__cause__ is not None
    hasty.dispose()


def test_transactions_that_read_and_then_write_queue_up(tmp_path: Path, engine: Engine) -> None:
    """With a deferred begin, the second writer would fail at once, whatever the busy timeout."""
    record = sample_record(b"id")
    SqlCredentials(engine).add(record)

    def count(_: int) -> bool:
        with engine.begin() as connection:
            store = SqlCredentials(connection)
            found = store.get(b"id")
            assert found is not None
            return store.update(found, sample_record(b"id", sign_count=found.sign_count + 1))

    assert all(at_once(count, 8))
    found = SqlCredentials(engine).get(b"id")
    assert found is not None
    assert found.sign_count == 8


def test_a_missing_table_is_unavailable(tmp_path: Path) -> None:
    engine = create_sqlite_engine(tmp_path / "empty.sqlite3")
    for call in (
        lambda: SqlCredentials(engine).get(b"id"),
        lambda: SqlCredentials(engine).add(sample_record(b"id")),
        lambda: SqlCeremonies(engine).put(sample_state()),
        lambda: SqlCeremonies(engine).take("id", NOW),
        lambda: SqlCeremonies(engine).sweep(NOW),
    ):
        with pytest.raises(Unavailable, match="busy") as caught:
            call()
        assert "no such table" in caught.value.detail
    engine.dispose()


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    engine = create_sqlite_engine(tmp_path / "missing" / "db.sqlite3")
    with pytest.raises(Unavailable):
        SqlCredentials(engine).get(b"id")


async def test_async_failures_are_unavailable(tmp_path: Path) -> None:
    engine = create_async_sqlite_engine(tmp_path / "missing" / "db.sqlite3")
    with pytest.raises(Unavailable):
        await AsyncSqlCredentials(engine).get(b"id")
    await engine.dispose()
    # After a failed connect, the thread of aiosqlite says good-bye to the event loop, which must still be there.
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join)


def test_another_broken_constraint_is_no_duplicate(engine: Engine) -> None:
    """Whoever adds a foreign key to the table must not be told that the credential is registered."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE users (handle BLOB PRIMARY KEY)")
        connection.exec_driver_sql("DROP TABLE unlatch_credentials")
        columns = ", ".join(column.name for column in credentials.columns if column.name != "user_handle")
        connection.exec_driver_sql(
            f"CREATE TABLE unlatch_credentials ({columns}, user_handle BLOB REFERENCES users (handle))"
        )
    with pytest.raises(Unavailable, match="busy") as caught:
        SqlCredentials(engine).add(sample_record(b"id"))
    assert "FOREIGN KEY" in caught.value.detail


def test_times_are_readable_and_comparable_in_the_table(engine: Engine) -> None:
    SqlCeremonies(engine).put(sample_state(expires_at=NOW + timedelta(microseconds=1)))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT expires_at FROM unlatch_ceremonies")) == "2026-03-01 12:00:00.123457"


def test_the_schema_fits_the_other_databases() -> None:
    """Compiled for them; they run it in their own tests."""
    for dialect in (mysql.dialect(), postgresql.dialect()):
        for table in metadata.sorted_tables:
            assert "CREATE TABLE unlatch_" in str(CreateTable(table).compile(dialect=dialect))


def test_the_blocking_stores_do_without_greenlet(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['greenlet'] = None; sys.modules['aiosqlite'] = None\n"
        "import unlatch.stores.sqlalchemy as stores\n"
        "engine = stores.create_sqlite_engine(sys.argv[1])\n"
        "stores.metadata.create_all(engine)\n"
        "assert stores.SqlCredentials(engine).get(b'id') is None\n"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path / "db.sqlite3"], check=True, timeout=60)


def test_any_engine_will_do() -> None:
    """Also one that the application made itself, with Python's own transactions."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    store = SqlCredentials(engine)
    store.add(sample_record(b"id"))
    with pytest.raises(CredentialRefused):
        store.add(sample_record(b"id"))
    states = SqlCeremonies(engine)
    ceremony_id = states.put(sample_state())
    assert states.take(ceremony_id, NOW) == sample_state()
    assert states.take(ceremony_id, NOW) is None
    engine.dispose()


async def test_any_async_engine_will_do() -> None:
    engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    states = AsyncSqlCeremonies(engine)
    ceremony_id = await states.put(sample_state())
    assert await states.take(ceremony_id, NOW) == sample_state()
    assert await states.take(ceremony_id, NOW) is None
    assert await states.sweep(NOW) == 0
    await engine.dispose()


def test_the_tables_in_the_metadata_of_an_application(tmp_path: Path) -> None:
    engine = create_sqlite_engine(tmp_path / "own.sqlite3")
    own = MetaData()
    add_tables(own)
    add_tables(own)  # a second part of the application that needs them
    own.create_all(engine)
    assert set(inspect(engine).get_table_names()) == set(metadata.tables)
    record = sample_record(b"an id")
    SqlCredentials(engine).add(record)
    assert SqlCredentials(engine).get(record.id) == record
    engine.dispose()
