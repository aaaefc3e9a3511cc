"""One stored credential of another library as a record of ours; what is unknown gets its safe meaning.

* *Backup eligibility* unknown: None. The first sign-in may bring either value, and it is fixed from then on.
* *User verification*: never counts as a factor yet (`uv_initialized` is False), whatever was verified in former times;
  a sign-in with `other_factor=True` makes it count.
* *Transports* unknown: none are listed, so browsers try them all.
* *Attestation*: `none`, trusted by nobody, unless the attestation object was kept and is judged again.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from unlatch.compat import either_base64
from unlatch.errors import Malformed
from unlatch.record import CredentialRecord
from unlatch.terms import ZERO_AAGUID, Aaguid, CredentialId, RpId, UserHandle
from unlatch.wire import authenticator_data
from unlatch.wire.authenticator_data import AttestedCredentialData
from unlatch.wire.cose import decode_key

_MAX_SIGN_COUNT, _MAX_ID, _MAX_HANDLE = 2**32 - 1, 1023, 64
#: Authenticator data up to the attested credential data, with the flag that announces it.
_HEAD = bytes(32) + b"\x40" + bytes(4)


class NotImportable(ValueError):
    """A row that cannot become a record; the message says why, without secrets."""


class HandleForm(StrEnum):
    """How the old code made the user handle (`user.id` of the options) from the key column of its users.

    A discoverable passkey returns the handle that it was given, so a wrong guess refuses every sign-in.
    """

    BYTES = "bytes"  # the column holds the handle
    TEXT = "text"  # the UTF-8 of the text; of a UUID with its hyphens
    UUID = "uuid"  # the 16 bytes of a UUID
    HEX = "hex"  # the column holds the handle in hex
    BASE64 = "base64"  # the column holds the handle in base64 or base64url


def make_record(
    *,
    credential_id: Any,
    public_key: Any,
    user: Any,
    rp_id: str,
    handle: HandleForm = HandleForm.BYTES,
    sign_count: Any = 0,
    transports: Any = None,
    backup_eligible: bool | None = None,
    backup_state: bool | None = None,
    discoverable: bool | None = None,
    aaguid: Any = None,
    name: str | None = None,
    created_at: Any = None,
    last_used_at: Any = None,
) -> CredentialRecord:
    """A record of what was stored elsewhere.

    Args:
        credential_id: Bytes, or their base64 or base64url text.
        public_key: The COSE_Key: bytes, or their base64 or base64url text.
        user: What the user handle was made from.
        rp_id: The RP ID that the passkeys are scoped to; it cannot be changed.
        handle: How it was made.
        sign_count: The stored counter; None is 0.
        transports: A list, or its JSON text.
        backup_eligible: None where it was not stored.
        backup_state: None where it was not stored.
        discoverable: None where it was not stored.
        aaguid: 16 bytes, a UUID or its text; None where it was not stored.
        name: What the person calls it.
        created_at: Datetime (UTC if naive).
        last_used_at: Datetime (UTC if naive).

    Raises:
        NotImportable: A value that cannot be what it should be.
    """
    key = _bytes(public_key, "the public key")
    try:
        decode_key(key, "publicKey")
    except Malformed as error:
        raise NotImportable(f"the public key is not valid: {error.detail}") from error
    count = 0 if sign_count is None else sign_count
    if type(count) is not int or not 0 <= count <= _MAX_SIGN_COUNT:
        raise NotImportable(f"the counter {count!r} is not 0 to 2^32 - 1")
    return CredentialRecord(
        id=CredentialId(_sized(_bytes(credential_id, "the credential id"), _MAX_ID, "the credential id")),
        public_key=key,
        sign_count=count,
        user_handle=UserHandle(_sized(_handle(user, HandleForm(handle)), _MAX_HANDLE, "the user handle")),
        rp_id=RpId(rp_id),
        transports=_transports(transports),
        backup_eligible=backup_eligible,
        # BS without BE cannot be: what was stored so was stored wrongly.
        backup_state=bool(backup_state) and backup_eligible is not False,
        aaguid=_aaguid(aaguid),
        discoverable=discoverable,
        name=name or None,
        created_at=_time(created_at),
        last_used_at=_time(last_used_at),
    )


def attested_credential_data(data: bytes) -> AttestedCredentialData:
    """Read what users of python-fido2 store: ``aaguid | length | credentialId | COSE_Key``.

    Raises:
        NotImportable: Not that, or a key that is not valid.
    """
    try:
        attested = authenticator_data.decode_authenticator_data(_HEAD + data, "attestedCredentialData").attested
    except Malformed as error:
        raise NotImportable(f"not attested credential data: {error.detail}") from error
    if attested is None:
        raise NotImportable("not attested credential data")
    return attested


def _bytes(value: Any, what: str) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    try:
        return either_base64.read(value, what)
    except Malformed as error:
        raise NotImportable(f"{what} is neither bytes nor base64 text") from error


def _sized(value: bytes, most: int, what: str) -> bytes:
    if not 0 < len(value) <= most:
        raise NotImportable(f"{what} has {len(value)} bytes where 1 to {most} are possible")
    return value


def _handle(value: Any, form: HandleForm) -> bytes:
    if value is None:
        raise NotImportable("the user handle is not known")
    try:
        if form is HandleForm.TEXT:
            return str(value).encode()
        if form is HandleForm.UUID:
            return value.bytes if isinstance(value, UUID) else UUID(str(value)).bytes
        if form is HandleForm.HEX:
            return bytes.fromhex(str(value))
    except ValueError as error:
        raise NotImportable(f"the user handle cannot be read as {form}") from error
    if form is HandleForm.BYTES and not isinstance(value, (bytes, bytearray, memoryview)):
        raise NotImportable("the user handle is not stored as bytes; say how it was made")
    return _bytes(value, "the user handle")


def _transports(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise NotImportable("the transports are not a JSON list") from error
    if isinstance(value, Collection) and not isinstance(value, str) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise NotImportable("the transports are not a list of strings")


def _aaguid(value: Any) -> Aaguid:
    if value is None or value == "":
        return ZERO_AAGUID
    if isinstance(value, (bytes, bytearray, memoryview)) and len(value) == 16:
        return Aaguid(bytes(value))
    try:
        return Aaguid(UUID(str(value)).bytes)
    except ValueError as error:
        raise NotImportable("the AAGUID is not a UUID") from error


def _time(value: Any) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
