"""From one database into another, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from unlatch.ceremonies.origins import check_rp_id
from unlatch.codes import Code
from unlatch.compat.importing.copying import Report, copy
from unlatch.compat.importing.layouts import Layout
from unlatch.compat.importing.reading import open_database, read
from unlatch.compat.importing.rows import HandleForm
from unlatch.errors import Unavailable
from unlatch.stores.memory import MemoryCredentials
from unlatch.stores.sqlalchemy import SqlCredentials, credentials

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from unlatch.stores.protocols import CredentialStore


def import_between(
    source: str,
    target: str,
    layout: Layout,
    *,
    rp_id: str,
    table: str | None = None,
    handle: str | None = None,
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
        verified: As `read`.
        dry_run: Only look.
        progress: Called after each row.

    Raises:
        Misconfigured: A URL, RP ID or table that cannot be used; the detail says what to change.
        Unavailable: A database did not answer.
    """
    check_rp_id(rp_id)
    old, new = open_database(source), open_database(target)
    try:
        with old.connect() as connection, new.connect() as ours, ours.begin():
            store: CredentialStore = SqlCredentials(ours)
            if not dry_run:
                credentials.create(ours, checkfirst=True)
            elif not inspect(ours).has_table(credentials.name):
                store = MemoryCredentials()
            form = None if handle is None else HandleForm(handle)
            rows = read(connection, layout, rp_id=rp_id, table=table, handle=form, verified=verified)
            return copy(rows, store, dry_run=dry_run, progress=progress)
    except SQLAlchemyError as error:
        raise Unavailable(Code.STORE_UNAVAILABLE, detail=f"a database did not answer: {error}") from error
    finally:
        _close(old, new)


def _close(*engines: Engine) -> None:
    for engine in engines:
        engine.dispose()
