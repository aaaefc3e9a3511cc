"""Units of work that wait at the same time share a commit on SQLite, and nothing else."""

import asyncio
import threading
import time

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from unlatch.errors import Unavailable
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.database import Database
from unlatch.server.engines import READERS, open_database
from unlatch.server.settings import Settings


@pytest.fixture
def engine(tmp_path):
    engine = open_database(Settings(data=tmp_path))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE things (name TEXT PRIMARY KEY)"))
    return engine


@pytest.fixture
def database(engine):
    database = Database(engine)
    yield database
    database.close()


def insert(name, error=None):
    def work(connection):
        connection.execute(text("INSERT INTO things VALUES (:name)"), {"name": name})
        if error is not None:
            raise error
        return name

    return work


def together(database, *works):
    """What becomes of units that wait while another one runs."""

    async def run():
        runs, go = threading.Event(), threading.Event()
        first = asyncio.create_task(database.write(lambda connection: runs.set() or go.wait(60)))
        await asyncio.to_thread(runs.wait, 60)
        rest = [asyncio.create_task(database.write(work)) for work in works]
        await asyncio.sleep(0)
        go.set()
        await first
        return await asyncio.gather(*rest, return_exceptions=True)

    return asyncio.run(run())


def names(database):
    return asyncio.run(
        database.read(lambda connection: set(connection.execute(text("SELECT * FROM things")).scalars()))
    )


def test_each_gets_its_own_answer_and_one_commit_keeps_what_stays(engine, database):
    commits = []
    event.listen(engine, "commit", commits.append)
    refusal, bug = Rejected(ServerCode.NOT_VERIFIED), RuntimeError("a bug")
    answers = together(database, insert("a"), insert("b", refusal), insert("c", bug), insert("a"), insert("d"))
    assert answers[:3] == ["a", refusal, bug]
    assert isinstance(answers[3], IntegrityError)
    assert answers[4] == "d"
    assert names(database) == {"a", "b", "d"}
    assert len(commits) == 2


def test_who_waited_for_too_long_is_told_and_nothing_of_it_is_done(database, monkeypatch):
    monkeypatch.setattr("unlatch.server.writers.TURN_SECONDS", 0.2)

    async def run():
        runs = threading.Event()
        first = asyncio.create_task(database.write(lambda connection: runs.set() or time.sleep(0.3)))
        await asyncio.to_thread(runs.wait, 60)
        units = [first, database.write(insert("a"))]
        units += [database.read(lambda connection: time.sleep(0.3)) for _ in range(READERS)]
        return await asyncio.gather(*units, database.read(lambda connection: None), return_exceptions=True)

    done = asyncio.run(run())
    assert [type(each) for each in done] == [type(None), Unavailable, *[type(None)] * READERS, Unavailable]
    assert names(database) == set()
    assert together(database, insert("a")) == ["a"]


def test_what_nobody_waits_for_any_more_is_not_done(database):
    async def run():
        runs, go = threading.Event(), threading.Event()
        first = asyncio.create_task(database.write(lambda connection: runs.set() or go.wait(60)))
        await asyncio.to_thread(runs.wait, 60)
        given_up, other = (asyncio.create_task(database.write(insert(name))) for name in "ab")
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        go.set()
        await first
        return await other

    assert asyncio.run(run()) == "b"
    assert names(database) == {"b"}


def test_a_commit_that_fails_is_told_to_all_of_them(engine, database):
    def break_commit(connection):
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.execute(text("INSERT INTO children VALUES ('nobody')"))

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE children (name TEXT REFERENCES things)"))
    answers = together(database, insert("a"), break_commit, insert("b", Rejected(ServerCode.NOT_VERIFIED)))
    assert [type(answer) for answer in answers] == [IntegrityError] * 3
    assert names(database) == set()
    assert together(database, insert("a")) == ["a"]
