"""Somebody else's tables and views, read through SQLAlchemy. They are found by name, never created."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, inspect, select
from sqlalchemy.exc import ArgumentError

from unlatch.compat.importing.forms import HandleForm, IdForm, NotImportable
from unlatch.compat.importing.layouts import Layout, find_column, find_table, record_of
from unlatch.errors import Misconfigured
from unlatch.record import CredentialRecord

#: Drivers that wait for their answers, in place of those that do not.
_BLOCKING = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}


def read(
    connection: Connection,
    layout: Layout,
    *,
    rp_id: str,
    handle: HandleForm | None = None,
    ids: IdForm | None = None,
    table: str | None = None,
    verified: bool = False,
) -> Iterator[CredentialRecord | NotImportable]:
    """Read every credential: its record, or why there is none.

    Args:
        connection: To the old database; nothing is written.
        layout: Of `LAYOUTS`.
        rp_id: The RP ID of the passkeys.
        handle: How user handles were made, if not as the layout says.
        ids: How credential ids are written down; without it, rows whose ids can be read in two ways are refused.
        table: Name of the credentials' table, if not as the layout says.
        verified: Whether the old application made all passkeys with user verification, and checked that: it counts as a
            factor then.

    Raises:
        Misconfigured: The tables are not there, or lack a column.
    """
    credentials = _table(connection, table or layout.table, layout.schema, exact=table is not None)
    own, foreign = layout.link
    if layout.users:
        users = _table(connection, layout.users, layout.schema, exact=False)
        user_column = _column(users, layout.user)
        statement = select(credentials, users.c[user_column].label("handle of the user")).select_from(
            credentials.outerjoin(users, credentials.c[_column(credentials, own)] == users.c[_column(users, foreign)])
        )
    else:
        statement = select(credentials, credentials.c[_column(credentials, layout.user)].label("handle of the user"))
    for row in connection.execute(statement).mappings():
        values = {**row, "user": row["handle of the user"]}
        try:
            yield record_of(layout, credentials.name, values, rp_id=rp_id, handle=handle, ids=ids, verified=verified)
        except NotImportable as error:
            yield error


def open_database(url: str) -> Engine:
    """An engine for a database URL.

    Raises:
        Misconfigured: Not a URL, or a driver that is not installed.
    """
    try:
        engine = create_engine(url)
    except (ArgumentError, ModuleNotFoundError, ValueError) as error:
        raise Misconfigured(f"No database can be opened with this URL: {error}") from error
    if engine.dialect.is_async:
        name, driver = engine.dialect.name, engine.dialect.driver
        other = _BLOCKING.get(name, name)
        raise Misconfigured(f"The driver {driver!r} is asynchronous, which cannot be used here: try {other}://...")
    return engine


def is_missing(engine: Engine) -> bool:
    """Whether the database is a file of SQLite that is not there, which opening it would make."""
    name = engine.url.database
    of_sqlite = engine.dialect.name == "sqlite" and name and name != ":memory:" and not name.startswith("file:")
    return bool(of_sqlite) and not Path(str(name)).is_file()


def _table(connection: Connection, ending: str, schema: str | None, *, exact: bool) -> Table:
    inspector = inspect(connection)
    names = [*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)]
    found = find_table(names, ending, exact=exact, where=f" in the schema {schema!r}" if schema else "")
    return Table(found, MetaData(schema=schema), autoload_with=connection)


def _column(table: Table, start: str) -> str:
    return find_column(table.name, [column.name for column in table.columns], start)
