"""Passkeys that their owner removed from the account, but that still sit in a password manager or security key.

A sign-in with one must fail. Its holder should be told why, and the browser should be asked to stop offering it; but
nobody else may learn which passkeys once existed. So the record is kept aside for a while, and only somebody who
proves possession of the private key, by a full and valid sign-in, gets the more helpful answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select

from unlatch.record import CredentialRecord
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.schema import removed_passkeys
from unlatch.stores.sqlalchemy import SqlCredentials
from unlatch.stores.sqlalchemy.execution import Executor, Operation
from unlatch.stores.sqlalchemy.tables import digest

#: After this long a removed passkey is forgotten altogether.
KEPT = timedelta(days=180)

_IS = removed_passkeys.c.id_sha256 == bindparam("id")
_GET = select(removed_passkeys.c.record).where(_IS)
_FORGET = delete(removed_passkeys).where(_IS)


class CredentialsAndRemoved(SqlCredentials):
    """The credential store for sign-ins: it also knows the passkeys that were removed, to refuse them last."""

    def __init__(self, executor: Executor) -> None:
        super().__init__(executor)
        self._executor = executor

    def get(self, credential_id: bytes) -> CredentialRecord | None:
        """The record of a credential, also of a removed one."""
        return super().get(credential_id) or self._removed(credential_id)

    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """As `SqlCredentials.update`.

        Raises:
            Rejected: Everything about the sign-in was right, but the passkey was removed.
        """
        if super().update(before, after):
            return True
        self.refuse_removed(before.id)
        return False

    def refuse_removed(self, credential_id: bytes) -> None:
        """Refuse a passkey that was removed, and whose sign-in is right.

        Raises:
            Rejected: It was.
        """
        if super().get(credential_id) is None and self._removed(credential_id) is not None:
            raise Rejected(
                ServerCode.PASSKEY_REMOVED,
                "This passkey was removed from its account and does not open it any more. "
                "Delete it from your password manager or security key, and sign in with another one.",
            )

    def _removed(self, credential_id: bytes) -> CredentialRecord | None:
        find = Operation(_GET, lambda result: result.one_or_none(), {"id": digest(credential_id)})
        row = self._executor.run(find)
        return None if row is None else CredentialRecord.from_json(row.record)


def keep_removed(connection: Connection, record: CredentialRecord, *, now: datetime) -> None:
    """Keep a record aside that is about to be removed, in place of an earlier one of that id.

    A passkey without attestation can be registered again after its removal, and then be removed again.
    """
    connection.execute(_FORGET, {"id": digest(record.id)})
    connection.execute(
        insert(removed_passkeys),
        {
            "id_sha256": digest(record.id),
            "user_handle": record.user_handle,
            "record": record.to_json(),
            "removed_at": now,
        },
    )
