"""Honest ceremonies in a few lines, and a place to be dishonest in each part of them.

Written against the specification and `cbor2`, not with the code under test.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import cbor2

from signing_keys import SigningKey, signing_key
from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.ceremonies.state import CeremonyState
from unlatch.record import CredentialRecord
from unlatch.wire.options import UserEntity

UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RP_ID, ORIGIN = "example.org", "https://example.org"
USER = UserEntity(b"user handle of ada", "ada", "Ada")
CHALLENGE = bytes(range(32))
AAGUID = bytes(range(100, 116))


def base64url(data: bytes) -> str:
    """Unpadded."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def canonical_map(entries: dict[Any, Any]) -> bytes:
    """A map with its keys in CTAP2 order, of values that are written canonically anyway."""
    items = sorted((cbor2.dumps(key), cbor2.dumps(value, canonical=True)) for key, value in entries.items())
    return bytes((0xA0 | len(items),)) + b"".join(key + value for key, value in items)


@dataclass(kw_only=True)
class Credential:
    """What one authenticator knows."""

    key: SigningKey = field(default_factory=lambda: signing_key(-7))
    id: bytes = b"credential id of 24 bytes"
    user_handle: bytes = USER.id
    aaguid: bytes = AAGUID

    @property
    def cose(self) -> bytes:
        """The encoded COSE_Key."""
        return canonical_map(self.key.cose)

    @property
    def attested(self) -> bytes:
        """The attested credential data."""
        return self.aaguid + len(self.id).to_bytes(2, "big") + self.id + self.cose


def authenticator_data(
    flags: int, *, rp_id: str = RP_ID, count: int = 0, attested: bytes = b"", extensions: bytes = b""
) -> bytes:
    """Header, then whatever the flags should announce."""
    return sha256(rp_id.encode()).digest() + bytes((flags,)) + count.to_bytes(4, "big") + attested + extensions


def client_data(kind: str, challenge: Any = CHALLENGE, origin: Any = ORIGIN, **more: Any) -> bytes:
    """As a browser writes it; members given as `...` are left out."""
    text = base64url(challenge) if isinstance(challenge, bytes) else challenge
    members = {"type": kind, "challenge": text, "origin": origin, "crossOrigin": False} | more
    kept = {name: value for name, value in members.items() if value is not ...}
    return json.dumps(kept, separators=(",", ":")).encode()


def attestation_object(data: bytes, statement: Any = None, name: str = "none") -> bytes:
    """Members in canonical order."""
    return canonical_map({"fmt": name, "attStmt": {} if statement is None else statement, "authData": data})


def registration_body(
    credential: Credential | None = None,
    *,
    flags: int = UP | UV | BE | BS | AT,
    client: bytes | None = None,
    extensions: bytes = b"",
    count: int = 0,
    rp_id: str = RP_ID,
    **response: Any,
) -> dict[str, Any]:
    """A RegistrationResponseJSON of format `none`."""
    credential = credential or Credential()
    data = authenticator_data(
        flags, rp_id=rp_id, count=count, attested=credential.attested if flags & AT else b"", extensions=extensions
    )
    return {
        "id": base64url(credential.id),
        "rawId": base64url(credential.id),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": base64url(client_data("webauthn.create") if client is None else client),
            "attestationObject": base64url(attestation_object(data)),
            "authenticatorData": base64url(data),
            "publicKeyAlgorithm": credential.key.algorithm,
            "transports": ["internal", "hybrid"],
        }
        | ({"publicKey": base64url(credential.key.spki)} if credential.key.algorithm not in (-48, -49, -50) else {})
        | response,
    }


def authentication_body(
    credential: Credential | None = None,
    *,
    flags: int = UP | UV | BE | BS,
    client: bytes | None = None,
    extensions: bytes = b"",
    count: int = 0,
    rp_id: str = RP_ID,
    **response: Any,
) -> dict[str, Any]:
    """An AuthenticationResponseJSON."""
    credential = credential or Credential()
    data = authenticator_data(flags, rp_id=rp_id, count=count, extensions=extensions)
    client = client_data("webauthn.get") if client is None else client
    return {
        "id": base64url(credential.id),
        "rawId": base64url(credential.id),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": base64url(client),
            "authenticatorData": base64url(data),
            "signature": base64url(credential.key.sign(data + sha256(client).digest())),
            "userHandle": base64url(credential.user_handle),
        }
        | response,
    }


def relying_party(**policy: Any) -> RelyingParty:
    """The relying party that these ceremonies are for."""
    return RelyingParty(id=RP_ID, name="Example", origins=[ORIGIN], policy=Policy(**policy))


def registration_state(rp: RelyingParty | None = None, **options: Any) -> CeremonyState:
    """A registration that began at `NOW` with `CHALLENGE`."""
    begun = (rp or relying_party()).begin_registration(USER, challenge=CHALLENGE, now=NOW, **options)
    return CeremonyState.from_json(begun.state.to_json())


def authentication_state(rp: RelyingParty | None = None, **options: Any) -> CeremonyState:
    """An authentication that began at `NOW` with `CHALLENGE`."""
    begun = (rp or relying_party()).begin_authentication(challenge=CHALLENGE, now=NOW, **options)
    return CeremonyState.from_json(begun.state.to_json())


def record(credential: Credential | None = None, **changes: Any) -> CredentialRecord:
    """What a relying party keeps of the credential."""
    credential = credential or Credential()
    values: dict[str, Any] = {
        "id": credential.id,
        "public_key": credential.cose,
        "sign_count": 0,
        "user_handle": credential.user_handle,
        "rp_id": RP_ID,
        "backup_eligible": True,
        "backup_state": True,
        "uv_initialized": True,
    }
    return CredentialRecord(**values | changes)
