"""A passkey as its owner sees it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from unlatch.adapters.http.providers import default_name, provider_name
from unlatch.record import CredentialRecord
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

    def to_json(self) -> dict[str, Any]:
        """Plain data, for the page."""
        return {
            **asdict(self),
            "transports": list(self.transports),
            "created_at": _time(self.created_at),
            "last_used_at": _time(self.last_used_at),
        }


def credential_hash(credential_id: bytes) -> bytes:
    """SHA-256 of a credential id (32 bytes): ids have up to 1023 bytes, too long for an index or a path."""
    return hashlib.sha256(credential_id).digest()


def passkey_id(credential_id: bytes) -> str:
    """What a passkey is called in addresses and JSON: `credential_hash` as base64url."""
    return base64url.encode(credential_hash(credential_id))


def as_seen(record: CredentialRecord, *, current: str | None) -> Passkey:
    """A record in the words of its owner.

    Args:
        record: What is stored.
        current: `passkey_id` of the passkey that opened the session that asks, if any did.
    """
    own_id = passkey_id(record.id)
    return Passkey(
        id=own_id,
        name=record.name or default_name(record.aaguid, record.transports),
        provider=provider_name(record.aaguid),
        synced=record.backup_state,
        can_sync=record.backup_eligible,
        transports=record.transports,
        created_at=record.created_at,
        last_used_at=record.last_used_at,
        current=own_id == current,
    )


def _time(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
