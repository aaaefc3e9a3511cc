"""Attestation: statements by format, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from unlatch.compat.webauthn_rp.types.responses import AuthenticatorData


class AttestationStatementFormatIdentifier(Enum):
    """The formats; the last two are new."""

    PACKED = "packed"
    TPM = "tpm"
    ANDROID_KEY = "android-key"
    ANDROID_SAFETYNET = "android-safetynet"
    FIDO_U2F = "fido-u2f"
    NONE = "none"
    APPLE = "apple"
    COMPOUND = "compound"


class AttestationType(Enum):
    """What kind of attestation a statement carries; `ANONYMIZATION_CA` is new."""

    BASIC = "Basic"
    SELF = "Self"
    ATTESTATION_CA = "AttCA"
    ECDAA = "ECDAA"
    NONE = "None"
    UNCERTAIN = "Uncertain"
    ANONYMIZATION_CA = "AnonCA"


@dataclass(frozen=True, slots=True)
class TrustedPath:
    """The certificates of a statement, DER, the attestation certificate first."""

    x5c: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationStatement:
    """A statement as received.

    Attributes:
        members: The decoded CBOR.
    """

    members: Mapping[str, Any] | Sequence[Any] = field(default_factory=dict)


class NoneAttestationStatement(AttestationStatement):
    """Nothing is attested."""


class PackedAttestationStatement(AttestationStatement):
    """Format ``packed``, self attestation."""


class PackedX509AttestationStatement(PackedAttestationStatement):
    """Format ``packed`` with certificates."""


class PackedECDAAAttestationStatement(PackedAttestationStatement):
    """Format ``packed`` with ECDAA, which the specification has given up; refused as malformed."""


class TPMAttestationStatement(AttestationStatement):
    """Format ``tpm``."""


class TPMX509AttestationStatement(TPMAttestationStatement):
    """Format ``tpm`` with certificates."""


class TPMECDAAAttestationStatement(TPMAttestationStatement):
    """Format ``tpm`` with ECDAA, which the specification has given up; refused as malformed."""


class AndroidKeyAttestationStatement(AttestationStatement):
    """Format ``android-key``."""


class AndroidSafetyNetAttestationStatement(AttestationStatement):
    """Format ``android-safetynet``."""


class FIDOU2FAttestationStatement(AttestationStatement):
    """Format ``fido-u2f``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationObject:
    """The attestation object; `raw` (the received bytes) is new, and `attest` needs it."""

    auth_data: AuthenticatorData
    fmt: str
    att_stmt: AttestationStatement
    raw: bytes = b""
