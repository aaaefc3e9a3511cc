"""One stored credential of another library as a record of ours; what is unknown gets its safe meaning.

* *Backup eligibility* unknown: None. The first sign-in may bring either value, and it is fixed from then on.
* *User verification*: never counts as a factor yet (`uv_initialized` is False), whatever was verified in former times;
  a sign-in with `other_factor=True` makes it count.
* *Transports* unknown: none are listed, so browsers try them all.
* *Attestation*: `none`, trusted by nobody, unless the attestation object was kept and is judged again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from unlatch.compat.importing import forms
from unlatch.compat.importing.forms import HandleForm, IdForm, NotImportable
from unlatch.errors import Malformed
from unlatch.record import CredentialRecord
from unlatch.terms import ZERO_AAGUID, Aaguid, CredentialId, RpId, UserHandle
from unlatch.wire import authenticator_data
from unlatch.wire.authenticator_data import AttestedCredentialData

_MAX_SIGN_COUNT, _MAX_ID, _MAX_HANDLE = 2**32 - 1, 1023, 64
#: Authenticator data up to the attested credential data, with the flag that announces it.
_HEAD = bytes(32) + b"\x40" + bytes(4)


def make_record(
    *,
    credential_id: Any,
    public_key: Any,
    user: Any,
    rp_id: str,
    handle: HandleForm = HandleForm.BYTES,
    id_form: IdForm | None = None,
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
        credential_id: Bytes, or a text of them.
        public_key: The COSE_Key: bytes, or their base64, base64url or hex text.
        user: What the user handle was made from.
        rp_id: The RP ID that the passkeys are scoped to; it cannot be changed.
        handle: How it was made.
        id_form: How the credential id is written. None: bytes, or base64 text; refused where it can be something else.
        sign_count: The stored counter, a whole number; None is 0.
        transports: A list, its JSON text, or texts with commas; what is none of these is forgotten.
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
    key = forms.public_key(public_key)
    identifier = forms.credential_id(credential_id, None if id_form is None else IdForm(id_form))
    owner = forms.user_handle(user, HandleForm(handle))
    return CredentialRecord(
        id=CredentialId(_sized(identifier, _MAX_ID, "the credential id")),
        public_key=key,
        sign_count=_count(sign_count),
        user_handle=UserHandle(_sized(owner, _MAX_HANDLE, "the user handle")),
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


def _sized(value: bytes, most: int, what: str) -> bytes:
    if not 0 < len(value) <= most:
        raise NotImportable(f"{what} has {len(value)} bytes where 1 to {most} are possible")
    return value


def _count(value: Any) -> int:
    """Counters of NUMERIC columns come as decimals."""
    count = int(value) if isinstance(value, Decimal) and value.is_finite() and value == int(value) else value
    if count is None:
        return 0
    if type(count) is not int or not 0 <= count <= _MAX_SIGN_COUNT:
        raise NotImportable(f"the counter {value!r} is not 0 to 2^32 - 1")
    return count


def _transports(value: Any) -> tuple[str, ...]:
    """Those that can be read: they are hints, so no passkey is given up for them."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = [part.strip() for part in value.strip("{}").split(",")]  # by hand, or an array of PostgreSQL
    if not isinstance(value, Collection) or isinstance(value, (str, bytes, dict)):
        return ()
    return tuple(item for item in value if isinstance(item, str) and re.fullmatch("[a-z-]{1,32}", item))[:32]


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
