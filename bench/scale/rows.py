"""Rows by the million, made by the database itself. Which passkey is which follows from its number alone."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from sqlalchemy import Connection, Engine, insert, text

from unlatch.record import CredentialRecord
from unlatch.server.schema import ceremonies, ceremony_uses, credentials, users
from unlatch.stores.sqlalchemy import SqlCredentials

#: Rows that one statement makes, so that a progress bar can move.
_AT_ONCE = 20_000

_HANDLE = "sha256(convert_to('first ' || n, 'UTF8')) || sha256(convert_to('second ' || n, 'UTF8'))"
_ID = "sha256(convert_to('credential ' || n, 'UTF8'))"


def handle_of(number: int) -> bytes:
    """The user handle of an account (64 bytes)."""
    return sha256(f"first {number}".encode()).digest() + sha256(f"second {number}".encode()).digest()


def credential_id_of(number: int) -> bytes:
    """The credential id of the account's passkey (32 bytes)."""
    return sha256(f"credential {number}".encode()).digest()


def fill(engine: Engine, record: CredentialRecord, *, rows: int, progress: Callable[[float], None]) -> None:
    """Make accounts with a passkey each, and as many expired ceremonies and uses of sealed ones.

    Args:
        engine: PostgreSQL, with the tables.
        record: What all passkeys are like; they share its key.
        rows: How many of each.
        progress: Told the part that is done.
    """
    with engine.begin() as connection:
        _make_first(connection, record)
    for first in range(1, rows, _AT_ONCE):
        last = min(first + _AT_ONCE, rows) - 1
        with engine.begin() as connection:
            for statement in _statements():
                connection.execute(text(statement), {"first": first, "last": last})
        progress(last / rows)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _make_first(connection: Connection, record: CredentialRecord) -> None:
    """The account with the number 0: the others are copies of it."""
    row = {"handle": record.user_handle, "username": "user 0", "username_key": "user 0", "display_name": "Somebody"}
    connection.execute(insert(users), {**row, "created_at": record.created_at})
    SqlCredentials(connection).add(record)


def _statements() -> list[str]:
    own = ("number", "id", "id_sha256", "user_handle")
    copied = [column.name for column in credentials.columns if column.name not in own]
    ended = "now() - n * interval '1 millisecond'"
    values = {
        users.name: {
            "handle": _HANDLE,
            "username": "'user ' || n",
            "username_key": "'user ' || n",
            "display_name": "'Somebody'",
            "created_at": "now()",
        },
        credentials.name: {
            "id": _ID,
            "id_sha256": f"sha256({_ID})",
            "user_handle": _HANDLE,
            **{name: f"model.{name}" for name in copied},
        },
        ceremonies.name: {
            "id_sha256": f"sha256({_ID})",
            "kind": "'authentication'",
            "state": "repeat('x', 700)",
            "expires_at": ended,
        },
        ceremony_uses.name: {"id_sha256": f"sha256({_ID})", "expires_at": ended},
    }
    numbers = "generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n"
    series = f"{numbers}, (SELECT * FROM unlatch_credentials WHERE number = 1) AS model"  # noqa: S608 - names of our own
    return [
        f"INSERT INTO {table} ({', '.join(each)}) SELECT {', '.join(each.values())} FROM {series}"  # noqa: S608 - names of our own
        for table, each in values.items()
    ]
