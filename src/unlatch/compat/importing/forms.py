"""How old code wrote bytes down. What has two readings is refused until one is named: a wrong one shuts people out."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any
from uuid import UUID

from unlatch.compat import either_base64
from unlatch.errors import Malformed
from unlatch.wire.cose import decode_key

#: Random bytes of an id's least length (16) are letters like these once in two thousand million ids.
_LETTERS = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){8,}")
_UUID_HEX = re.compile(r"[0-9A-Fa-f]{32}")


class NotImportable(ValueError):
    """A row that cannot become a record; the message says why, without secrets."""


class HandleForm(StrEnum):
    """How the old code made the user handle (`user.id` of the options) from the key column of its users.

    A discoverable passkey returns the handle that it was given, so a wrong guess refuses every sign-in.
    """

    BYTES = "bytes"  # the column holds the handle
    TEXT = "text"  # the UTF-8 of the text as the column holds it
    UUID = "uuid"  # the 16 bytes of a UUID
    UUID_TEXT = "uuid-text"  # the UTF-8 of a UUID with its hyphens, `str(uuid)`, however the column holds it
    HEX = "hex"  # the column holds the handle in hex
    BASE64 = "base64"  # the column holds the handle in base64 or base64url


class IdForm(StrEnum):
    """How credential ids are written down."""

    RAW = "raw"  # bytes
    BASE64 = "base64"  # base64 or base64url, as text or as the bytes of the text
    HEX = "hex"  # the same in hex


def credential_id(value: Any, form: IdForm | None) -> bytes:
    """The credential id that was stored as `value`.

    Raises:
        NotImportable: Not of that form, or of several where none is named.
    """
    what = "the credential id"
    stored = _stored(value)
    if form is None:
        if isinstance(stored, bytes):
            if _LETTERS.fullmatch(stored):
                raise NotImportable(f"{what} is bytes that read as text; say which: --credential-id raw, base64 or hex")
            form = IdForm.RAW
        elif isinstance(stored, str) and _HEX.fullmatch(stored):
            raise NotImportable(f"{what} can be hex or base64; say which: --credential-id hex or base64")
        else:
            form = IdForm.BASE64
    if form is not IdForm.RAW:
        return _decoded(stored, form, what)
    if not isinstance(stored, bytes):
        raise NotImportable(f"{what} is not stored as bytes")
    return stored


def public_key(value: Any) -> bytes:
    """The COSE_Key that was stored as `value`; it says itself which form it has.

    Raises:
        NotImportable: No valid key in any of them.
    """
    stored = _stored(value)
    reasons = []
    for form in IdForm:
        try:
            key = stored if form is IdForm.RAW else _decoded(stored, form, "the public key")
            if isinstance(key, bytes):
                decode_key(key, "publicKey")
                return key
        except NotImportable:
            continue
        except Malformed as error:
            reasons.append(error.detail)
    raise NotImportable(f"the public key is not valid: {reasons[0] if reasons else 'neither bytes nor text of them'}")


def user_handle(value: Any, form: HandleForm, *, chosen: bool = True) -> bytes:
    """The user handle that was made from `value`.

    Args:
        value: What the column holds.
        form: How it was made.
        chosen: Whether somebody who knows has said so; a layout only supposes.

    Raises:
        NotImportable: Not possible, or in doubt.
    """
    what = "the user handle"
    stored = _stored(value)
    if stored is None:
        raise NotImportable(f"{what} is not known")
    if form is HandleForm.BYTES:
        if not isinstance(stored, bytes):
            raise NotImportable(f"{what} is not stored as bytes; say how it was made (--user-handle)")
        return stored
    if form is HandleForm.TEXT:
        if isinstance(stored, bytes):
            raise NotImportable(f"{what} is stored as bytes; say how it was made (--user-handle)")
        if not chosen and _UUID_HEX.fullmatch(str(stored)):
            raise NotImportable(
                f"{what} may have been a UUID with hyphens, which this column lost, or its 16 bytes; "
                "say which: --user-handle uuid-text, uuid, or text for the 32 digits as they are"
            )
        return str(stored).encode()
    if form in (HandleForm.UUID, HandleForm.UUID_TEXT):
        found = _uuid(stored)
        return found.bytes if form is HandleForm.UUID else str(found).encode()
    return _decoded(stored, IdForm(form), what)


def _stored(value: Any) -> Any:
    return bytes(value) if isinstance(value, (bytearray, memoryview)) else value


def _uuid(stored: Any) -> UUID:
    if isinstance(stored, UUID):
        return stored
    try:
        return UUID(bytes=stored) if isinstance(stored, bytes) else UUID(str(stored))
    except ValueError as error:
        raise NotImportable("the user handle cannot be read as a UUID") from error


def _decoded(stored: Any, form: IdForm, what: str) -> bytes:
    try:
        text = stored.decode("ascii") if isinstance(stored, bytes) else stored
        if not isinstance(text, str):
            raise NotImportable(f"{what} is neither bytes nor text of them")
        return bytes.fromhex(text) if form is IdForm.HEX else either_base64.read(text, what)
    except (Malformed, ValueError) as error:
        raise NotImportable(f"{what} cannot be read as {form}") from error
