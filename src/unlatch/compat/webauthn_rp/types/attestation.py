"""Attestation: statements by format, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, overload

from cryptography.x509 import Certificate, load_der_x509_certificate

from unlatch.compat.webauthn_rp.errors import AttestationError
from unlatch.compat.webauthn_rp.types.responses import AuthenticatorData


class AttestationStatementFormatIdentifier(StrEnum):
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
    """What kind of attestation a statement carries; `ANONCA` is new."""

    BASIC = "Basic"
    SELF = "Self"
    ATTCA = "AttCA"
    ECDAA = "ECDAA"
    NONE = "None"
    UNCERTAIN = "Uncertain"
    ANONCA = "AnonCA"


class TrustedPath(Sequence[Certificate]):
    """The certificates of a statement as objects of `cryptography`, the attestation certificate first.

    Attributes:
        x5c: The same in DER; new.
    """

    def __init__(self, x5c: Sequence[bytes]) -> None:
        self.x5c = tuple(x5c)

    def __len__(self) -> int:
        return len(self.x5c)

    @overload
    def __getitem__(self, index: int) -> Certificate: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Certificate]: ...
    def __getitem__(self, index: int | slice) -> Certificate | Sequence[Certificate]:
        """Read a certificate.

        Raises:
            AttestationError: `cryptography` cannot read it, though we could; take `x5c`.
        """
        if isinstance(index, slice):
            return TrustedPath(self.x5c[index])
        try:
            return load_der_x509_certificate(self.x5c[index])
        except ValueError as error:
            raise AttestationError("The certificate cannot be loaded; its bytes are in x5c.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationStatement:
    """A statement.

    Attributes:
        alg: Its algorithm, a number of COSE, where the format names one.
        sig: Its signature, where the format has one.
        members: The decoded CBOR as received; new.
    """

    alg: int | Enum | None = None
    sig: bytes | None = None
    members: Mapping[str, Any] | Sequence[Any] = field(default_factory=dict)


class NoneAttestationStatement(AttestationStatement):
    """Nothing is attested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedAttestationStatement(AttestationStatement):
    """Format ``packed``, self attestation."""

    alg: int | Enum
    sig: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedX509AttestationStatement(PackedAttestationStatement):
    """Format ``packed`` with certificates, DER."""

    x5c: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedECDAAAttestationStatement(PackedAttestationStatement):
    """Format ``packed`` with ECDAA, which the specification has given up; refused as malformed."""

    ecdaa_key_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TPMAttestationStatement(AttestationStatement):
    """Format ``tpm``."""

    alg: int | Enum
    sig: bytes
    ver: str
    cert_info: bytes
    pub_area: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TPMX509AttestationStatement(TPMAttestationStatement):
    """Format ``tpm`` with certificates, DER."""

    x5c: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class TPMECDAAAttestationStatement(TPMAttestationStatement):
    """Format ``tpm`` with ECDAA, which the specification has given up; refused as malformed."""

    ecdaa_key_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AndroidKeyAttestationStatement(AttestationStatement):
    """Format ``android-key``; certificates in DER."""

    alg: int | Enum
    sig: bytes
    x5c: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class AndroidSafetyNetAttestationStatement(AttestationStatement):
    """Format ``android-safetynet``; `response` is the signed answer of Google's service."""

    ver: str
    response: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FIDOU2FAttestationStatement(AttestationStatement):
    """Format ``fido-u2f``; one certificate, DER."""

    sig: bytes
    x5c: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationObject:
    """The attestation object; `raw` (the received bytes) is new, and `attest` needs it."""

    auth_data: AuthenticatorData
    fmt: str
    att_stmt: AttestationStatement
    raw: bytes = b""
