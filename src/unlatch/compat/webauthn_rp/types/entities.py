"""Who and which: users, Relying Parties, credentials, and the enumerations that options speak in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class PublicKeyCredentialType(Enum):
    """There is one type of credential."""

    PUBLIC_KEY = "public-key"


class CredentialMediationRequirement(Enum):
    """How the browser may ask."""

    SILENT = "silent"
    OPTIONAL = "optional"
    CONDITIONAL = "conditional"
    REQUIRED = "required"


class AuthenticatorTransport(Enum):
    """How an authenticator can be reached."""

    USB = "usb"
    NFC = "nfc"
    BLE = "ble"
    SMART_CARD = "smart-card"
    HYBRID = "hybrid"
    INTERNAL = "internal"


class AuthenticatorAttachment(Enum):
    """Built in or not."""

    PLATFORM = "platform"
    CROSS_PLATFORM = "cross-platform"


class AttestationConveyancePreference(Enum):
    """What attestation is asked for."""

    NONE = "none"
    INDIRECT = "indirect"
    DIRECT = "direct"
    ENTERPRISE = "enterprise"


class UserVerificationRequirement(Enum):
    """Whether the user is to be verified."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    DISCOURAGED = "discouraged"


class Origin(NamedTuple):
    """An origin in its parts.

    Attributes:
        scheme: ``https`` or ``http``.
        hostname: In lower case.
        port: None for the scheme's own.
    """

    scheme: str
    hostname: str
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyCredentialEntity:
    """Somebody with a name.

    Attributes:
        name: What people read.
        icon: Address of a picture. The specification no longer knows it, and it is not sent.
    """

    name: str
    icon: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyCredentialRpEntity(PublicKeyCredentialEntity):
    """A Relying Party; `id` is its domain, None for the domain of the page."""

    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyCredentialUserEntity(PublicKeyCredentialEntity):
    """A user; `id` is the user handle, 1 to 64 bytes."""

    id: bytes
    display_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyCredentialParameters:
    """One algorithm to offer; `alg` is a member of `COSEAlgorithmIdentifier.Value` or `.Name`, or its number."""

    type: PublicKeyCredentialType
    alg: int | Enum


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyCredentialDescriptor:
    """Names one credential."""

    type: PublicKeyCredentialType
    id: bytes
    transports: Collection[AuthenticatorTransport] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorSelectionCriteria:
    """Which authenticators may answer a registration; `resident_key` is new."""

    authenticator_attachment: AuthenticatorAttachment | None = None
    require_resident_key: bool | None = False
    user_verification: UserVerificationRequirement | None = UserVerificationRequirement.PREFERRED
    resident_key: str | None = None
