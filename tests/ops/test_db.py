"""`unlatch db`: up from nothing and from the first release with people in it, and down without surprise."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import create_engine, delete, insert, inspect, make_url, select, text, update

from ops.commands import done, refused, unlatch
from unlatch.server import revisions
from unlatch.server.engines import open_database
from unlatch.server.migrate import configuration, upgrade
from unlatch.server.schema import ceremony_uses, credentials, removed_passkeys, sessions, users
from unlatch.server.settings import Settings
from unlatch.stores.contract import sample_record
from unlatch.stores.sqlalchemy import SqlCredentials, create_sqlite_engine

NOW = datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def engine(database_url):
    url = make_url(database_url)
    engine = create_sqlite_engine(url.database) if url.get_backend_name() == "sqlite" else create_engine(url)
    yield engine
    engine.dispose()


def first_release(engine):
    """The tables of 0001, and one of everything in them."""
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
    with engine.begin() as connection:
        row = {"handle": b"ada", "username": "Ada", "username_key": "ada", "display_name": "Ada L.", "created_at": NOW}
        connection.execute(insert(users), row)
        SqlCredentials(connection).add(sample_record(b"id"))
        session = {"token_hash": bytes(32), "credential_hash": bytes(32), "created_at": NOW, "last_seen_at": NOW}
        connection.execute(insert(sessions), {**session, "user_handle": b"ada", "expires_at": NOW})
        removed = {"id_sha256": bytes(32), "user_handle": b"ada", "record": "{}", "removed_at": NOW}
        connection.execute(insert(removed_passkeys), removed)


def contents(engine):
    with engine.connect() as connection:
        found = [connection.execute(select(table)).all() for table in (users, credentials, sessions, removed_passkeys)]
    engine.dispose()
    return found


def test_up_from_nothing_and_down_again(database_url, engine):
    at = ("--database", database_url)
    check = unlatch("db", "check", *at)
    assert check.exit_code == 1
    assert "There are no tables yet" in check.output
    for revision in revisions.revisions():
        assert f"  {revision.name}  {revision.title}" in check.output
    upgraded = done("db", "upgrade", *at)
    assert upgraded.count("upgraded to") == len(revisions.revisions())
    assert "Nothing was to be done" in done("db", "upgrade", *at)
    assert revisions.head() in done("db", "check", *at)
    assert "no tables any more" in done("db", "downgrade", "base", *at)
    assert inspect(engine).get_table_names() == ["alembic_version"]


def test_up_from_the_first_release_with_people_in_it_and_back(database_url, engine):
    first_release(engine)
    before = contents(engine)
    check = unlatch("db", "check", "--database", database_url)
    assert check.exit_code == 1
    assert f"at 0001, this version needs {revisions.head()}" in check.output
    assert "\n  0001 " not in check.output
    done("db", "upgrade", "--database", database_url)
    assert contents(engine) == before
    # Nothing is in the newer tables: nothing is lost, nothing is asked.
    done("db", "downgrade", "0001", "--database", database_url)
    assert contents(engine) == before


def test_what_would_lose_rows_wants_a_yes(database_url, engine):
    first_release(engine)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(insert(ceremony_uses), {"id_sha256": bytes(32), "expires_at": NOW})
    at = ("--database", database_url)
    assert "lose 1 row of unlatch_ceremony_uses. Make a backup" in refused("db", "downgrade", "0001", *at)
    assert revisions.head() in done("db", "check", *at)
    assert "1 row of users" in refused("db", "downgrade", "base", *at)
    done("db", "downgrade", "0001", "--yes", *at)
    assert contents(engine)[0][0].username == "Ada"


@pytest.mark.needs("mariadb")
def test_on_mariadb_no_text_ends_at_64_kib(mariadb_url):
    engine, at = create_engine(mariadb_url), ("--database", mariadb_url)
    first_release(engine)
    assert bounded(engine) == {("removed_passkeys", "record")}
    done("db", "upgrade", *at)
    assert bounded(engine) == set()
    with engine.begin() as connection:
        connection.execute(update(removed_passkeys).values(record="x" * 70_000))
    # Nothing is cut off on the way back.
    assert "too long" in refused("db", "downgrade", "0003", *at)
    assert contents(engine)[3][0].record == "x" * 70_000
    with engine.begin() as connection:
        connection.execute(delete(removed_passkeys))
    done("db", "downgrade", "0003", *at)
    assert bounded(engine) == {("removed_passkeys", "record")}
    engine.dispose()


def bounded(engine):
    """Columns of texts or bytes that the database cuts at 64 KiB without being told a length."""
    inspector = inspect(engine)
    return {
        (table, column["name"])
        for table in inspector.get_table_names()
        for column in inspector.get_columns(table)
        if str(column["type"]).split()[0] in ("TEXT", "BLOB", "TINYTEXT", "TINYBLOB")
    }


def test_each_migration_names_the_tables_that_it_would_drop(tmp_path):
    """What `LOSES` says is what taking it back does."""
    engine = open_database(Settings(data=tmp_path))
    upgrade(engine)
    names = [revision.name for revision in revisions.revisions()]
    for before, revision in reversed(list(zip([revisions.BASE, *names], revisions.revisions(), strict=False))):
        tables = columns(engine)
        with engine.begin() as connection:
            command.downgrade(configuration(connection), before)
        left = columns(engine)
        assert set(tables) - set(left) == set(revision.loses)
        assert {name: left[name] for name in left} == {name: tables[name] for name in left}, "a column went too"
    engine.dispose()


def columns(engine):
    inspector = inspect(engine)
    return {name: sorted(each["name"] for each in inspector.get_columns(name)) for name in inspector.get_table_names()}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("downgrade", "0815"), "There is no migration '0815'. There are: base, 0001"),
        (("downgrade", revisions.head()), "which is older. To go on: unlatch db upgrade"),
        (("upgrade", "--database", "postgresql://ada:secret@127.0.0.1:9/none"), "postgresql://127.0.0.1:9/none"),
        (("check", "--database", "secret"), "is not the URL of a database"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path, arguments, sentence):
    line = refused("db", *arguments, "--data", tmp_path)
    assert sentence in line
    assert "secret" not in line


def test_a_newer_database_and_somebody_elses(tmp_path):
    engine = open_database(Settings(data=tmp_path))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE users (name TEXT)"))
    assert "unlatch has not made them" in unlatch("db", "check", "--data", tmp_path).output
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    assert "newer version" in unlatch("db", "check", "--data", tmp_path).output
    assert "newer version" in refused("db", "upgrade", "--data", tmp_path)
    assert "newer version" in refused("db", "downgrade", "0001", "--data", tmp_path)
    engine.dispose()
