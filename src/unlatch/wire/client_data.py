"""The client data (section 5.8.1): what the browser says it did, for whom and where.

The exact bytes are kept, because the authenticator signed their hash. Unknown members and any order are fine, as
the specification demands; `tokenBinding` is reserved and ignored.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.values import frozen, maker
from unlatch.wire import strict_json


@frozen
class CollectedClientData:
    """Parsed client data.

    Attributes:
        raw: The received bytes.
        hash: SHA-256 of `raw`: the *hash of the serialized client data*.
        type: ``webauthn.create``, ``webauthn.get``, or what a client claimed.
        challenge: As sent: base64url text.
        origin: Fully qualified origin of the caller.
        cross_origin: Whether the caller was not same-origin with its ancestors; False when absent.
        top_origin: Origin of the top-level page; None when absent.
        members: Everything that was there, unknown members included.
    """

    raw: bytes
    hash: bytes
    type: str
    challenge: str
    origin: str
    cross_origin: bool
    top_origin: str | None
    members: dict[str, Any]


_client_data = maker(CollectedClientData)


def decode_client_data(data: bytes, path: str) -> CollectedClientData:
    """Decode ``clientDataJSON``.

    Raises:
        Malformed: Not UTF-8, not JSON, a member stands twice, a required member is missing, or one has the wrong type.
    """
    members = strict_json.parse_object(data, path, byte_order_mark=True)
    get = members.get
    kind, challenge, origin = get("type"), get("challenge"), get("origin")
    cross_origin, top_origin = get("crossOrigin", False), get("topOrigin")
    if not (type(kind) is type(challenge) is type(origin) is str):
        raise Malformed(Code.CLIENT_DATA, path, "type, challenge and origin must be there and be strings")
    if cross_origin is not False and cross_origin is not True:
        raise Malformed(Code.CLIENT_DATA, f"{path}.crossOrigin", "a boolean")
    if type(top_origin) is not str and "topOrigin" in members:
        raise Malformed(Code.CLIENT_DATA, f"{path}.topOrigin", "a string")
    return _client_data(data, sha256(data).digest(), kind, challenge, origin, cross_origin, top_origin, members)
