"""From one database into another, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from unlatch.ceremonies.origins import check_rp_id
from unlatch.codes import Code
from unlatch.compat.importing.copying import Report, copy
from unlatch.compat.importing.forms import HandleForm, IdForm
from unlatch.compat.importing.layouts import Layout
from unlatch.compat.importing.reading import is_missing, open_database, read
from unlatch.errors import Misconfigured, Unavailable
from unlatch.stores.memory import MemoryCredentials
from unlatch.stores.sqlalchemy import SqlCredentials, credentials

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from unlatch.stores.protocols import CredentialStore


def import_between(
    source: str,
    target: str,
    layout: Layout,
    *,
    rp_id: str,
    table: str | None = None,
    handle: str | None = None,
    ids: str | None = None,
    verified: bool = False,
    dry_run: bool = False,
    progress: Callable[[Report], None] = lambda report: None,  # noqa: ARG005 - whoever wants none, gets none
) -> Report:
    """Import all credentials of a layout; either all that can be imported are there afterwards, or none is new.

    Args:
        source: SQLAlchemy's URL of the old database.
        target: SQLAlchemy's URL of the database with our tables; the table of credentials is made if it is missing.
        layout: Of `unlatch.compat.importing.LAYOUTS`.
        rp_id: The RP ID of the passkeys.
        table: Name of the old table, where it is another.
        handle: How user handles were made (`HandleForm`), where it is another way.
        ids: How credential ids are written down (`IdForm`), where it is to be said.
        verified: As `read`.
        dry_run: Only look.
        progress: Called after each row.

    Raises:
        Misconfigured: A URL, RP ID or table that cannot be used; the detail says what to change.
        Unavailable: A database did not answer.
    """
    check_rp_id(rp_id)
    form = None if handle is None else HandleForm(handle)
    written = None if ids is None else IdForm(ids)
    with _opened(source) as old, _opened(target) as new:
        if is_missing(old):
            raise Misconfigured(f"There is no database {_name(old)} to read from.")
        with _answering(old), old.connect() as connection:
            found = read(connection, layout, rp_id=rp_id, table=table, handle=form, ids=written, verified=verified)
            rows = list(found)
        if dry_run and is_missing(new):  # to look at it would make it
            return copy(rows, MemoryCredentials(), dry_run=True, progress=progress)
        with _answering(new), new.begin() as ours:
            if _is_server_s(ours):
                raise Misconfigured(
                    f"{_name(new)} is a database of `unlatch serve`: none of its accounts has these user handles, so "
                    "nobody could use the passkeys. Import into the database of your own application."
                )
            store: CredentialStore = SqlCredentials(ours)
            if not dry_run:
                credentials.create(ours, checkfirst=True)
            elif not inspect(ours).has_table(credentials.name):
                store = MemoryCredentials()
            return copy(rows, store, dry_run=dry_run, progress=progress)


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _answering(engine: Engine) -> Iterator[None]:
    """Say of an error which database it is of; SQLAlchemy's own text has its links besides."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        raise Unavailable(
            Code.STORE_UNAVAILABLE, detail=f"the database {_name(engine)} did not answer: {reason}"
        ) from error


def _name(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _is_server_s(connection: Connection) -> bool:
    there = inspect(connection)
    return {"users", "sessions", "removed_passkeys", credentials.name} <= set(there.get_table_names())
