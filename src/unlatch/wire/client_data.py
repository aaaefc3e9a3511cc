"""The client data (section 5.8.1): what the browser says it did, for whom and where.

The exact bytes are kept, because the authenticator signed their hash. Unknown members and any order are fine, as
the specification demands; `tokenBinding` is reserved and ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.values import cheap
from unlatch.wire import strict_json

#: What section 5.8.1.1 has clients write, byte for byte, where nothing needs an escape and no member is added. Reading
#: it as JSON gives the same and takes five times as long; everything else is read as JSON.
_PRESCRIBED = re.compile(
    r'\{"type":"(webauthn\.[a-z]+)","challenge":"([A-Za-z0-9_-]+)","origin":"([!#-\[\]-~]+)","crossOrigin":(true|false)\}'
)


@cheap
@dataclass(frozen=True, slots=True)
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


def decode_client_data(data: bytes, path: str) -> CollectedClientData:
    """Decode ``clientDataJSON``.

    Raises:
        Malformed: Not UTF-8, not JSON, a member stands twice, a required member is missing, or one has the wrong type.
    """
    members = _read_prescribed(data) or strict_json.parse_object(data, path, byte_order_mark=True)
    get = members.get
    kind, challenge, origin = get("type"), get("challenge"), get("origin")
    cross_origin, top_origin = get("crossOrigin", False), get("topOrigin")
    if not (isinstance(kind, str) and isinstance(challenge, str) and isinstance(origin, str)):
        raise Malformed(Code.CLIENT_DATA, path, "type, challenge and origin must be there and be strings")
    if not isinstance(cross_origin, bool):
        raise Malformed(Code.CLIENT_DATA, f"{path}.crossOrigin", "a boolean")
    if not isinstance(top_origin, str) and "topOrigin" in members:
        raise Malformed(Code.CLIENT_DATA, f"{path}.topOrigin", "a string")
    return CollectedClientData(
        raw=data,
        hash=sha256(data).digest(),
        type=kind,
        challenge=challenge,
        origin=origin,
        cross_origin=cross_origin,
        top_origin=top_origin,
        members=members,
    )


def _read_prescribed(data: bytes) -> dict[str, Any] | None:
    """The members of client data in the prescribed serialization; None for any other text."""
    # Latin-1 decodes all bytes; the pattern then takes ASCII alone.
    prescribed = _PRESCRIBED.fullmatch(data.decode("latin-1"))
    if prescribed is None or len(data) > strict_json.MAX_BYTES:
        return None
    kind, challenge, origin, cross_origin = prescribed.groups()
    return {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": cross_origin == "true"}
