"""What people do with the passkeys they have: look at them, rename them, remove them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from unlatch.adapters.http.names import clean_passkey_name
from unlatch.adapters.http.passkey import credential_hash
from unlatch.adapters.http.passkey import passkey_id as id_of
from unlatch.record import CredentialRecord
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.confirming import expect_fresh
from unlatch.server.removed import keep_removed
from unlatch.server.schema import users
from unlatch.server.sessions import Session, close_sessions_of_passkey
from unlatch.stores.sqlalchemy import SqlCredentials


def list_passkeys(connection: Connection, session: Session) -> list[CredentialRecord]:
    """The records of the account, oldest first."""
    return SqlCredentials(connection).for_user(session.user.handle)


def rename_passkey(connection: Connection, session: Session, *, passkey_id: str, name: str) -> CredentialRecord:
    """Rename a passkey and return its record.

    Raises:
        Rejected: The account has no such passkey, or the name cannot be used.
    """
    cleaned = clean_passkey_name(name)
    credentials = SqlCredentials(connection)
    record = _find(credentials.for_user(session.user.handle), passkey_id)
    credentials.rename(session.user.handle, record.id, cleaned)
    return _find(credentials.for_user(session.user.handle), passkey_id)


def remove_passkey(
    connection: Connection, session: Session, *, passkey_id: str, confirm_last: bool, now: datetime
) -> CredentialRecord:
    """Remove a passkey, end the other sessions that it opened, and return what its record was.

    Raises:
        Rejected: The account has no such passkey, it is the last one and that was not confirmed, or the sign-in is
            too long ago.
    """
    expect_fresh(connection, session, now=now)
    # Two requests that remove one passkey each must not both find another one left. Sign-ins, whose sessions refer to
    # the user, are not kept waiting (`key_share`).
    owner = select(users.c.handle).where(users.c.handle == session.user.handle)
    connection.execute(owner.with_for_update(key_share=True))
    credentials = SqlCredentials(connection)
    records = credentials.for_user(session.user.handle)
    record = _find(records, passkey_id)
    if len(records) == 1 and not confirm_last:
        raise Rejected(ServerCode.LAST_PASSKEY)
    keep_removed(connection, record, now=now)
    credentials.remove(session.user.handle, record.id)
    close_sessions_of_passkey(connection, credential_hash(record.id), except_for=session)
    return record


def _find(records: list[CredentialRecord], passkey_id: str) -> CredentialRecord:
    for record in records:
        if id_of(record.id) == passkey_id:
            return record
    raise Rejected(ServerCode.PASSKEY_NOT_FOUND)
