"""What is over goes by itself, a few rows at a time, and nothing else does."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, delete, event, func, insert, make_url, select

from live_server import PATIENCE, LiveServer
from unlatch.server import sweeping
from unlatch.server.database import Database
from unlatch.server.migrate import upgrade
from unlatch.server.removed import KEPT
from unlatch.server.schema import ceremonies, removed_passkeys, sessions, users
from unlatch.server.settings import Settings
from unlatch.server.sweeping import expiries, sweep
from unlatch.stores.sqlalchemy import create_sqlite_engine

NOW = datetime.now(UTC).replace(microsecond=0)
SECOND = timedelta(seconds=1)
OWNER = b"h"


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path)


@pytest.fixture
def engine(database_url):
    url = make_url(database_url)
    engine = create_sqlite_engine(url.database) if url.get_backend_name() == "sqlite" else create_engine(url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(users),
            {"handle": OWNER, "username": "ada", "username_key": "ada", "display_name": "Ada", "created_at": NOW},
        )
    yield engine
    engine.dispose()


def fill(engine, table, rows):
    with engine.begin() as connection:
        connection.execute(insert(table), rows)


def count(engine, table):
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def a_ceremony(expires_at):
    return {"id_sha256": secrets.token_bytes(32), "kind": "x", "state": "{}", "expires_at": expires_at}


def a_session(*, expires_at=NOW + SECOND, last_seen_at=NOW):
    row = {"user_handle": OWNER, "credential_hash": b"c", "created_at": NOW}
    return {"token_hash": secrets.token_bytes(32), "expires_at": expires_at, "last_seen_at": last_seen_at, **row}


def a_removed(removed_at):
    return {"id_sha256": secrets.token_bytes(32), "user_handle": OWNER, "record": "{}", "removed_at": removed_at}


def run(engine, settings):
    database = Database(engine)
    return asyncio.run(sweep(database, expiries(now=NOW, settings=settings)))


def test_what_is_over_goes_and_nothing_else(engine, settings):
    idle = settings.session_idle
    fill(engine, ceremonies, [a_ceremony(NOW), a_ceremony(NOW + SECOND)])
    fill(
        engine,
        sessions,
        [
            a_session(),
            a_session(last_seen_at=NOW - idle + SECOND),
            a_session(last_seen_at=NOW - idle),
        ],
    )
    fill(engine, removed_passkeys, [a_removed(NOW - KEPT), a_removed(NOW - KEPT + SECOND)])
    assert run(engine, settings) == {"unlatch_ceremonies": 1, "sessions": 1, "removed_passkeys": 1}
    assert [count(engine, table) for table in (users, ceremonies, sessions, removed_passkeys)] == [1, 1, 2, 1]
    assert run(engine, settings) == {}


def test_each_transaction_deletes_a_few(engine, settings, monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 50)
    # Many end at the same time: going on from that time must neither miss one nor stand still.
    ends = [NOW - timedelta(seconds=number // 70) for number in range(230)]
    fill(engine, ceremonies, [a_ceremony(end) for end in ends])
    deleted, committed = [], []

    def note(connection, cursor, statement, *_):
        if statement.startswith("DELETE FROM unlatch_ceremonies"):
            deleted.append(cursor.rowcount)

    event.listen(engine, "after_cursor_execute", note)
    event.listen(engine, "commit", lambda _: committed.append(len(deleted)))
    assert run(engine, settings) == {"unlatch_ceremonies": 230}
    assert deleted == [50, 50, 50, 50, 30]
    assert set(committed) >= {1, 2, 3, 4, 5}


@pytest.mark.needs("postgresql", "mariadb")
@pytest.mark.parametrize("kind", ["postgresql_url", "mariadb_url"])
def test_it_passes_over_what_somebody_else_is_deleting(request, settings, kind):
    url = request.getfixturevalue(kind)
    engine = create_engine(url)
    upgrade(engine)
    theirs = a_ceremony(NOW - SECOND)
    fill(engine, ceremonies, [theirs, a_ceremony(NOW)])
    with engine.connect() as other, other.begin() as unit:
        other.execute(delete(ceremonies).where(ceremonies.c.id_sha256 == theirs["id_sha256"]))
        assert run(engine, settings) == {"unlatch_ceremonies": 1}
        unit.rollback()
    assert run(engine, settings) == {"unlatch_ceremonies": 1}
    engine.dispose()


def test_two_at_once_delete_each_row_once(engine, settings, monkeypatch):
    monkeypatch.setattr(sweeping, "AT_ONCE", 20)
    fill(engine, ceremonies, [a_ceremony(NOW - timedelta(seconds=number)) for number in range(200)])

    async def both():
        # Each has its own threads, as two processes have.
        what = expiries(now=NOW, settings=settings)
        return await asyncio.gather(*(sweep(Database(engine), what) for _ in range(2)))

    swept = asyncio.run(both())
    assert sum(each.get("unlatch_ceremonies", 0) for each in swept) == 200
    assert count(engine, ceremonies) == 0


def test_the_server_does_it_by_itself(tmp_path):
    engine = create_sqlite_engine(tmp_path / "unlatch.sqlite3")
    upgrade(engine)
    fill(engine, ceremonies, [a_ceremony(NOW)])
    engine.dispose()
    tmp_path.chmod(0o700)
    with LiveServer(tmp_path) as server:
        deadline = time.monotonic() + PATIENCE
        swept = []
        while not swept and time.monotonic() < deadline:
            swept = [line for line in server.events() if line["event"] == "swept"]
            time.sleep(0.05)
    assert swept[0]["unlatch_ceremonies"] == 1
