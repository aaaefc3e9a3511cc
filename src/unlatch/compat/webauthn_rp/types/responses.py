"""What a page sends back, and the parts inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntFlag
from typing import Any

from unlatch.compat.webauthn_rp.types.extensions import AuthenticationExtensionsClientOutputs
from unlatch.compat.webauthn_rp.types.keys import CredentialPublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorResponse:
    """What both answers have: the received bytes of the client data."""

    client_data_JSON: bytes  # noqa: N815 - the name that code written for the older library uses


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorAttestationResponse(AuthenticatorResponse):
    """The answer to a registration; `transports` is new."""

    attestation_object: bytes
    transports: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorAssertionResponse(AuthenticatorResponse):
    """The answer to an authentication."""

    authenticator_data: bytes
    signature: bytes
    user_handle: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Any credential of the browser."""

    id: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyCredential(Credential):
    """What the browser's calls return; the last two attributes are new."""

    raw_id: bytes
    response: AuthenticatorAttestationResponse | AuthenticatorAssertionResponse
    client_extension_results: Mapping[str, Any] = field(default_factory=dict)
    authenticator_attachment: str | None = None


class TokenBindingStatus(Enum):
    """Whether the connection was bound to a token."""

    PRESENT = "present"
    SUPPORTED = "supported"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBinding:
    """The token that a connection was bound to; `id` in base64url. Browsers no longer do this."""

    status: TokenBindingStatus
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedClientData:
    """What the browser says it did; `challenge` in base64url. The last two attributes are new."""

    type: str
    challenge: str
    origin: str
    token_binding: TokenBinding | None = None
    cross_origin: bool = False
    top_origin: str | None = None


class AuthenticatorDataFlag(IntFlag):
    """The flags byte; BE and BS are new, and two of the bits that `RFU2` stands for."""

    UP = 0x01
    RFU1 = 0x02
    UV = 0x04
    BE = 0x08
    BS = 0x10
    RFU2 = 0x38
    AT = 0x40
    ED = 0x80


@dataclass(frozen=True, slots=True)
class AttestedCredentialData:
    """The new credential."""

    aaguid: bytes
    credential_id_length: int
    credential_id: bytes
    credential_public_key: CredentialPublicKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorData:
    """What the authenticator signed; `raw` (the received bytes) is new."""

    rp_id_hash: bytes
    flags: int
    sign_count: int
    attested_credential_data: AttestedCredentialData | None = None
    extensions: AuthenticationExtensionsClientOutputs | None = None
    raw: bytes = b""
