"""What people do with the passkeys they have: look at them, rename them, remove them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from unlatch.adapters.http.names import clean_passkey_name
from unlatch.adapters.http.passkey import credential_hash
from unlatch.adapters.http.passkey import passkey_id as id_of
from unlatch.record import CredentialRecord
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.confirming import expect_fresh
from unlatch.server.removed import keep_removed
from unlatch.server.schema import credentials
from unlatch.server.sessions import Session, close_sessions_of_passkey, hold_session
from unlatch.stores.sqlalchemy import SqlCredentials

# One row by one unique key, whatever the planner thinks of the table: a statement for several rows may come by the
# index of `user_handle`, and lock in another order than the sign-ins that it meets.
_LOCK = select(credentials.c.number).where(credentials.c.id_sha256 == bindparam("id")).with_for_update()


def list_passkeys(connection: Connection, session: Session) -> list[CredentialRecord]:
    """The records of the account, oldest first."""
    return SqlCredentials(connection).for_user(session.user.handle)


def rename_passkey(connection: Connection, session: Session, *, passkey_id: str, name: str) -> CredentialRecord:
    """Rename a passkey and return its record.

    Raises:
        Rejected: The account has no such passkey, the name cannot be used, or the session has ended meanwhile.
    """
    cleaned = clean_passkey_name(name)
    record = _find(_hold_passkeys(connection, session), passkey_id)
    SqlCredentials(connection).rename(session.user.handle, record.id, cleaned)
    return _find(list_passkeys(connection, session), passkey_id)


def remove_passkey(
    connection: Connection, session: Session, *, passkey_id: str, confirm_last: bool, now: datetime
) -> CredentialRecord:
    """Remove a passkey, end the other sessions that it opened, and return what its record was.

    Raises:
        Rejected: The account has no such passkey, it is the last one and that was not confirmed, the sign-in is too
            long ago, or the session has ended meanwhile.
    """
    expect_fresh(connection, session, now=now)
    records = _hold_passkeys(connection, session)
    record = _find(records, passkey_id)
    if len(records) == 1 and not confirm_last:
        raise Rejected(ServerCode.LAST_PASSKEY)
    keep_removed(connection, record, now=now)
    SqlCredentials(connection).remove(session.user.handle, record.id)
    close_sessions_of_passkey(connection, credential_hash(record.id), except_for=session)
    return record


def _hold_passkeys(connection: Connection, session: Session) -> list[CredentialRecord]:
    """The records of the account, oldest first, which stay as they are until the transaction ends.

    Two requests that remove one passkey each must not both find another one left: here one waits for the other.
    Whatever writes to an account locks its passkeys first, by their hashes, and then sessions: sign-ins do, too. So
    nobody waits for somebody who waits for him.

    Raises:
        Rejected: The session has ended meanwhile.
    """
    for hashed in sorted(credential_hash(record.id) for record in list_passkeys(connection, session)):
        connection.execute(_LOCK, {"id": hashed})
    hold_session(connection, session)
    return list_passkeys(connection, session)


def _find(records: list[CredentialRecord], passkey_id: str) -> CredentialRecord:
    for record in records:
        if id_of(record.id) == passkey_id:
            return record
    raise Rejected(ServerCode.PASSKEY_NOT_FOUND)
