"""Every statement of the server finds its rows by an index, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import uvicorn
from sqlalchemy import delete, event, insert, inspect, text

from live_server import Person
from unlatch.server.application import create_application
from unlatch.server.database import Database
from unlatch.server.engines import open_database
from unlatch.server.migrate import upgrade
from unlatch.server.removed import KEPT
from unlatch.server.schema import metadata, users
from unlatch.server.settings import CeremonyKeeping, Settings
from unlatch.server.sweeping import expiries, sweep
from unlatch.stores.contract import NOW, sample_record, sample_state
from unlatch.stores.sqlalchemy import SqlCeremonies, SqlCeremonyUses, SqlCredentials
from unlatch.stores.sqlalchemy.direct import Direct
from unlatch.stores.sqlalchemy.execution import Executor
from unlatch.testing import SoftwareAuthenticator

KINDS = ["sqlite_url", pytest.param("postgresql_url", marks=pytest.mark.needs("postgresql"))]


class Plans:
    """How the database would carry out each statement, by its text."""

    def __init__(self, engine):
        self.found = {}
        self._here = threading.local()
        self._explain = self._postgresql if engine.dialect.name == "postgresql" else self._sqlite
        event.listen(engine, "before_cursor_execute", self._look)

    def _look(self, connection, cursor, statement, parameters, context, many):
        first = statement.split(maxsplit=1)[0]
        if (
            getattr(self._here, "planning", False)
            or statement in self.found
            or first not in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
        ):
            return
        if "alembic_version" in statement:
            return  # one row
        self._here.planning = True
        self.found[statement] = self._explain(connection, statement, parameters)
        self._here.planning = False

    def _sqlite(self, connection, statement, parameters):
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row.detail for row in rows if row.detail.startswith("SCAN")]

    def _postgresql(self, connection, statement, parameters):
        # What a table with few rows would hide: that there is no other way than to read all of it.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        return list(scans(plan["Plan"]))

    def tables(self, verb):
        return {name for name in metadata.tables for statement in self.found if verb in statement and name in statement}


def scans(node):
    """The parts of a plan of PostgreSQL that read a whole table or a whole index."""
    kind = node["Node Type"]
    if kind == "Seq Scan" or ("Index" in kind and "Index Cond" not in node):
        yield f"{kind} {node.get('Relation Name')}"
    for child in node.get("Plans", ()):
        yield from scans(child)


@contextmanager
def committed(direct):
    """In place of `Direct.each_by_itself`, for statements that take SQLAlchemy's way."""
    try:
        yield
    finally:
        direct._connection.commit()


@contextmanager
def served(settings, engine):
    """The server in a thread of this process, where its statements can be watched; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        origin = f"http://localhost:{listening.getsockname()[1]}"
        application = create_application(replace(settings, origins=(origin,)), Database(engine))
        server = uvicorn.Server(uvicorn.Config(application, log_config=None, lifespan="on"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            thread.join(0.01)
        try:
            yield SimpleNamespace(url=origin)
        finally:
            server.should_exit = True
            thread.join()


def everything(server):
    """Whatever a person can do."""
    with Person(server, SoftwareAuthenticator()) as person:
        made = person.sign_up("ada")
        assert made.status_code == 201, made.text
        first = person.browser.authenticator
        person.browser.authenticator = SoftwareAuthenticator()
        assert person.add_passkey().status_code == 201
        _, added = person.passkeys()
        path = f"/v1/passkeys/{added['id']}"
        assert person.http.patch(path, json={"name": "Key"}).status_code == 200
        assert person.http.delete(path).status_code == 204
        assert person.http.get("/account").status_code == 200
        assert person.sign_out().status_code == 204
        assert person.sign_in().status_code == 403  # with the removed one
        person.browser.authenticator = first
        assert person.sign_in().status_code == 200
        assert person.sign_in().status_code == 200
        assert person.username() == "ada"
        assert person.http.get("/health/ready").status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_no_statement_of_the_server_scans(request, tmp_path, kind, monkeypatch):
    # What goes straight to the driver cannot be watched: here it takes the other way, with the same words.
    monkeypatch.setattr(Direct, "run", Executor.run)
    monkeypatch.setattr(Direct, "each_by_itself", committed)
    base = Settings(data=tmp_path, database=request.getfixturevalue(kind), seal_keys=(bytes(32),))
    upgrade(open_database(base))
    engine = open_database(base)
    plans = Plans(engine)
    for keeping in (CeremonyKeeping.SEALED, CeremonyKeeping.DATABASE):
        with served(replace(base, ceremonies=keeping), engine) as server:
            everything(server)
        sweeper = Database(engine)
        asyncio.run(sweep(sweeper, expiries(now=datetime.now(UTC) + KEPT * 2, settings=base)))
        sweeper.close()
        with engine.begin() as connection:
            connection.execute(delete(users).where(users.c.username_key == "ada"))
    with engine.begin() as connection:
        stores(connection)
        connection.execute(delete(users))
    assert len(plans.found) > 25
    assert plans.tables("DELETE") == set(metadata.tables)
    assert any(statement.startswith("SELECT removed_passkeys.record") for statement in plans.found)  # a sign-in's
    everyone = f"DELETE FROM {users.name}"
    scanning = {statement: plan for statement, plan in plans.found.items() if plan and statement != everyone}
    assert scanning == {}
    assert everyone in plans.found
    assert plans.found[everyone], "a statement that scans is not noticed"
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_person_has_is_found_by_index_and_goes_with_the_person(request, tmp_path, kind):
    engine = open_database(Settings(data=tmp_path, database=request.getfixturevalue(kind)))
    upgrade(engine)
    inspector = inspect(engine)
    owned = 0
    for table in inspector.get_table_names():
        indexed = [index["column_names"] for index in inspector.get_indexes(table)]
        indexed += [each["column_names"] for each in inspector.get_unique_constraints(table)]
        indexed.append(inspector.get_pk_constraint(table)["constrained_columns"])
        for key in inspector.get_foreign_keys(table):
            owned += 1
            assert key["referred_table"] == "users"
            assert key["options"]["ondelete"] == "CASCADE"
            # Else removing one person would read the whole table.
            assert any(columns[:1] == key["constrained_columns"] for columns in indexed)
        names = {column["name"] for column in inspector.get_columns(table)}
        assert ("user_handle" in names) == bool(inspector.get_foreign_keys(table))
    assert owned == 3
    assert ["id_sha256"] in [each["column_names"] for each in inspector.get_unique_constraints("unlatch_credentials")]
    engine.dispose()


def test_nothing_of_a_person_is_left(database_url, tmp_path):
    settings = Settings(data=tmp_path, database=database_url, seal_keys=(bytes(32),))
    engine = open_database(settings)
    upgrade(engine)
    engine = open_database(settings)
    with served(settings, engine) as server:
        everything(server)
    with engine.begin() as connection:
        assert all(rows(connection).values())
        connection.execute(delete(users).where(users.c.username_key == "ada"))
        left = rows(connection)
    # That a ceremony was used is nobody's: a hash, for minutes.
    left.pop("unlatch_ceremony_uses")
    assert set(left.values()) == {0}
    engine.dispose()


def stores(connection):
    """What the library's stores can do, whether this server asks for it or not."""
    row = {"handle": b"ada", "username": "Ada", "username_key": "ada", "display_name": "Ada"}
    connection.execute(insert(users), {**row, "created_at": datetime.now(UTC)})
    store, record = SqlCredentials(connection), sample_record(b"id")
    store.add(record)
    store.get(b"id")
    store.for_user(b"ada")
    store.update(record, record)
    store.rename(b"ada", b"id", "name")
    store.remove(b"ada", b"id")
    ceremonies = SqlCeremonies(connection)
    ceremonies.take(ceremonies.put(sample_state()), NOW)
    ceremonies.put(sample_state(expires_at=NOW))
    ceremonies.sweep(NOW)
    uses = SqlCeremonyUses(connection)
    uses.use(bytes(32), now=NOW, until=NOW)
    uses.sweep(NOW)


def rows(connection):
    tables = set(metadata.tables) - {"unlatch_ceremonies"}
    return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}
