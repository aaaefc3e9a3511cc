"""What people do with the passkeys they have: look at them, rename them, remove them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from unlatch.record import CredentialRecord
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.names import clean_passkey_name
from unlatch.server.providers import default_name, provider_name
from unlatch.server.removed import keep_removed
from unlatch.server.schema import users
from unlatch.server.sessions import Session, close_sessions_of_passkey, credential_hash
from unlatch.stores.sqlalchemy import SqlCredentials
from unlatch.wire import base64url


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it.

    Attributes:
        id: Base64url of the SHA-256 of the credential id: short enough for a path, whatever the id's length.
        name: Given by its owner, else the provider's, else a description.
        provider: Name of the password manager or device that says to hold it; None when unknown.
        synced: Whether it is backed up, when it was last seen.
        can_sync: Whether it can be; None when unknown.
        transports: How it can be reached, in the words of the specification.
        created_at: When it was made (UTC).
        last_used_at: When it last signed in (UTC); None for never.
        current: Whether it opened the session that asks.
    """

    id: str
    name: str
    provider: str | None
    synced: bool
    can_sync: bool | None
    transports: tuple[str, ...]
    created_at: datetime | None
    last_used_at: datetime | None
    current: bool


def as_seen(record: CredentialRecord, session: Session) -> Passkey:
    """A record in the words of its owner."""
    hashed = credential_hash(record.id)
    return Passkey(
        id=base64url.encode(hashed),
        name=record.name or default_name(record.aaguid, record.transports),
        provider=provider_name(record.aaguid),
        synced=record.backup_state,
        can_sync=record.backup_eligible,
        transports=record.transports,
        created_at=record.created_at,
        last_used_at=record.last_used_at,
        current=hashed == session.credential_hash,
    )


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
        Rejected: The account has no such passkey, or it is the last one and that was not confirmed.
    """
    # Two requests that remove one passkey each must not both find another one left.
    connection.execute(select(users.c.handle).where(users.c.handle == session.user.handle).with_for_update())
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
        if base64url.encode(credential_hash(record.id)) == passkey_id:
            return record
    raise Rejected(ServerCode.PASSKEY_NOT_FOUND)
