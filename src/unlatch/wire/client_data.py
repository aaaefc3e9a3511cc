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

#: Of 132 bytes or so; what is much longer has other members, and the general reader has its own limit.
_MAX_WRITTEN = 1024
#: Makes a space of every byte that is no printable ASCII, and of the backslash.
_WITHOUT_DOUBTFUL = bytes(byte if 0x20 <= byte < 0x7F and byte != ord("\\") else 0x20 for byte in range(256))


def decode_client_data(data: bytes, path: str) -> CollectedClientData:
    """Decode ``clientDataJSON``.

    Raises:
        Malformed: Not UTF-8, not JSON, a member stands twice, a required member is missing, or one has the wrong type.
    """
    members: dict[str, Any]
    written = _as_clients_write(data)
    if written is not None:
        members = {"type": written[0], "challenge": written[1], "origin": written[2], "crossOrigin": False}
        return _client_data(data, sha256(data).digest(), *written, False, None, members)
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


def _as_clients_write(data: bytes) -> tuple[str, str, str] | None:
    """Type, challenge and origin of client data that holds nothing more and is written as section 5.8.1.1 says.

    Nearly all is. None for everything else, for frames, and where a text is more than printable ASCII: about what needs
    an eye for escapes or encodings the general reader decides.
    """
    if len(data) > _MAX_WRITTEN or data.translate(_WITHOUT_DOUBTFUL) != data:
        return None
    # fmt: off
    match data.decode().split('"'):
        case ["{", "type", ":", kind, ",", "challenge", ":", challenge, ",", "origin", ":", origin,
              ",", "crossOrigin", ":false}"]:
            return kind, challenge, origin
    # fmt: on
    return None
