"""Credential records as rows: each operation once, and the two stores that run them."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import CursorResult, and_, bindparam, delete, insert, select, update

from unlatch.record import CredentialRecord, make_record
from unlatch.stores.protocols import already_registered, oldest_first
from unlatch.stores.sqlalchemy.execution import AsyncExecutor, Executor, Operation
from unlatch.stores.sqlalchemy.tables import credentials, digest
from unlatch.terms import Aaguid, AttestationType, CredentialId, RpId, TrustVerdict, UserHandle

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Row
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class SqlCredentials:
    """A `CredentialStore` in the table `unlatch_credentials`.

    Bound to an engine, every call is a transaction of its own. Bound to a connection, every call is part of the
    caller's transaction, which the caller commits: so the account and its first passkey are made together.
    """

    def __init__(self, bind: Engine | Connection | Executor) -> None:
        self._executor = Executor.of(bind)

    def add(self, record: CredentialRecord) -> None:
        """Keep a new record; see `CredentialStore.add`."""
        self._executor.run(_add(record))

    def get(self, credential_id: bytes) -> CredentialRecord | None:
        """Return the record of a credential, or None."""
        return self._executor.run(_get(credential_id))

    def for_user(self, user_handle: bytes) -> list[CredentialRecord]:
        """Return the records of a user, oldest first."""
        return self._executor.run(_for_user(user_handle))

    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """Replace what a sign-in changes, if nobody was faster; see `CredentialStore.update`."""
        return self._executor.run(_update(before, after))

    def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        """Give a credential of this user another name; False if the user has no such credential."""
        return self._executor.run(_rename(user_handle, credential_id, name))

    def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        """Forget a credential of this user; False if the user has no such credential."""
        return self._executor.run(_remove(user_handle, credential_id))


class AsyncSqlCredentials:
    """`SqlCredentials`, awaited: bound to an `AsyncEngine` or an `AsyncConnection`."""

    def __init__(self, bind: AsyncEngine | AsyncConnection) -> None:
        self._executor = AsyncExecutor(bind)

    async def add(self, record: CredentialRecord) -> None:
        """As `SqlCredentials.add`."""
        await self._executor.run(_add(record))

    async def get(self, credential_id: bytes) -> CredentialRecord | None:
        """As `SqlCredentials.get`."""
        return await self._executor.run(_get(credential_id))

    async def for_user(self, user_handle: bytes) -> list[CredentialRecord]:
        """As `SqlCredentials.for_user`."""
        return await self._executor.run(_for_user(user_handle))

    async def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """As `SqlCredentials.update`."""
        return await self._executor.run(_update(before, after))

    async def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        """As `SqlCredentials.rename`."""
        return await self._executor.run(_rename(user_handle, credential_id, name))

    async def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        """As `SqlCredentials.remove`."""
        return await self._executor.run(_remove(user_handle, credential_id))


_IS = credentials.c.id_sha256 == bindparam("id_hash")
_OWNED = and_(_IS, credentials.c.user_handle == bindparam("owner"))

_ADD = insert(credentials)
_GET = select(credentials).where(_IS)
_FOR_USER = select(credentials).where(credentials.c.user_handle == bindparam("owner")).order_by(credentials.c.number)
_STATE = ("sign_count", "backup_state", "uv_initialized")
#: What a sign-in was judged by. Owner and key too: the id may have been removed, and registered by somebody else.
_JUDGED = ("user_handle", "public_key", *_STATE)
_CHANGED = (*_STATE, "backup_eligible", "last_used_at")
#: Replaces what a sign-in changes, if nobody was faster; its parameters are those of `changes`.
UPDATE = (
    update(credentials)
    .where(_IS, *(credentials.c[name] == bindparam(f"old_{name}") for name in _JUDGED))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
_RENAME = update(credentials).where(_OWNED).values(name=bindparam("new_name"))
_REMOVE = delete(credentials).where(_OWNED)


def _add(record: CredentialRecord) -> Operation[None]:
    return Operation(
        _ADD,
        lambda result: None,  # noqa: ARG005 - an insert has nothing to read
        _to_row(record),
        duplicate=partial(already_registered, record.id),
    )


def _get(credential_id: bytes) -> Operation[CredentialRecord | None]:
    def read(result: CursorResult[Any]) -> CredentialRecord | None:
        row = result.one_or_none()
        return None if row is None else _from_row(row)

    return Operation(_GET, read, {"id_hash": digest(credential_id)}, writes=False)


def _for_user(user_handle: bytes) -> Operation[list[CredentialRecord]]:
    return Operation(
        _FOR_USER,
        lambda result: oldest_first(_from_row(row) for row in result),
        {"owner": user_handle},
        writes=False,
    )


def _update(before: CredentialRecord, after: CredentialRecord) -> Operation[bool]:
    return Operation(UPDATE, _changed_one, changes(before, after))


def changes(before: CredentialRecord, after: CredentialRecord) -> dict[str, Any]:
    """What `UPDATE` is given to make `after` of `before`."""
    parameters: dict[str, Any] = {f"old_{name}": getattr(before, name) for name in _JUDGED}
    parameters |= {f"new_{name}": getattr(after, name) for name in _CHANGED}
    parameters["id_hash"] = digest(before.id)
    return parameters


def _rename(user_handle: bytes, credential_id: bytes, name: str) -> Operation[bool]:
    return Operation(_RENAME, _changed_one, {**_owned(user_handle, credential_id), "new_name": name})


def _remove(user_handle: bytes, credential_id: bytes) -> Operation[bool]:
    return Operation(_REMOVE, _changed_one, _owned(user_handle, credential_id))


def _owned(user_handle: bytes, credential_id: bytes) -> dict[str, bytes]:
    return {"id_hash": digest(credential_id), "owner": user_handle}


def _changed_one(result: CursorResult[Any]) -> bool:
    # Rows matched, not rows that differ: SQLAlchemy asks MariaDB and MySQL to count that way.
    return result.rowcount == 1


def _to_row(record: CredentialRecord) -> dict[str, Any]:
    return {
        "id_sha256": digest(record.id),
        "id": record.id,
        "user_handle": record.user_handle,
        "rp_id": record.rp_id,
        "public_key": record.public_key,
        "sign_count": record.sign_count,
        "uv_initialized": record.uv_initialized,
        "backup_eligible": record.backup_eligible,
        "backup_state": record.backup_state,
        "aaguid": record.aaguid,
        "attestation_format": record.attestation_format,
        "attestation_type": str(record.attestation_type),
        "trust": str(record.trust),
        "discoverable": record.discoverable,
        "transports": json.dumps(record.transports),
        "attachment": None if record.attachment is None else json.dumps(record.attachment),
        "name": record.name,
        "created_at": record.created_at,
        "last_used_at": record.last_used_at,
        "attestation_object": record.attestation_object,
        "client_data_json": record.client_data_json,
    }


def _from_row(row: Row[Any]) -> CredentialRecord:
    return make_record(
        id=CredentialId(row.id),
        public_key=row.public_key,
        sign_count=row.sign_count,
        user_handle=UserHandle(row.user_handle),
        rp_id=RpId(row.rp_id),
        transports=tuple(json.loads(row.transports)),
        uv_initialized=row.uv_initialized,
        backup_eligible=row.backup_eligible,
        backup_state=row.backup_state,
        aaguid=Aaguid(row.aaguid),
        attestation_format=row.attestation_format,
        attestation_type=AttestationType(row.attestation_type),
        trust=TrustVerdict(row.trust),
        discoverable=row.discoverable,
        attachment=None if row.attachment is None else json.loads(row.attachment),
        name=row.name,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        attestation_object=row.attestation_object,
        client_data_json=row.client_data_json,
    )
