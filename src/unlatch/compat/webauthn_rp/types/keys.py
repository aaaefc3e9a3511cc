"""Keys and the numbers of COSE, each both as a number (`Value`) and as a word (`Name`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from unlatch.compat.webauthn_rp.errors import UnimplementedError

#: Public key objects of `cryptography`.
PublicKey: TypeAlias = PublicKeyTypes
EC2PublicKey: TypeAlias = EllipticCurvePublicKey
OKPPublicKey: TypeAlias = Ed25519PublicKey | Ed448PublicKey


class _Registry:
    """A registry of COSE; called with a number or a word, it gives the member of `Value` or of `Name`."""

    Name: type[Enum]
    Value: type[IntEnum]

    def __new__(cls, value: int | str) -> Enum:  # type: ignore[misc] # as of the older library: never an instance
        return (cls.Name if isinstance(value, str) else cls.Value)(value)


class COSEAlgorithmIdentifier(_Registry):
    """The signature algorithms that credentials may use."""

    class Name(Enum):
        """As words."""

        ES256 = "ES256"
        ES384 = "ES384"
        ES512 = "ES512"
        ES256K = "ES256K"
        ESP256 = "ESP256"
        ESP384 = "ESP384"
        ESP512 = "ESP512"
        EDDSA = "EdDSA"
        ED25519 = "Ed25519"
        ED448 = "Ed448"
        RS256 = "RS256"
        RS384 = "RS384"
        RS512 = "RS512"
        PS256 = "PS256"
        PS384 = "PS384"
        PS512 = "PS512"
        ML_DSA_44 = "ML-DSA-44"
        ML_DSA_65 = "ML-DSA-65"
        ML_DSA_87 = "ML-DSA-87"

    class Value(IntEnum):
        """As numbers."""

        ES256 = -7
        ES384 = -35
        ES512 = -36
        ES256K = -47
        ESP256 = -9
        ESP384 = -51
        ESP512 = -52
        EDDSA = -8
        ED25519 = -19
        ED448 = -53
        RS256 = -257
        RS384 = -258
        RS512 = -259
        PS256 = -37
        PS384 = -38
        PS512 = -39
        ML_DSA_44 = -48
        ML_DSA_65 = -49
        ML_DSA_87 = -50


class COSEKeyType(_Registry):
    """Key types."""

    class Name(Enum):
        """As words."""

        OKP = "OKP"
        EC2 = "EC2"
        RSA = "RSA"
        SYMMETRIC = "Symmetric"
        AKP = "AKP"

    class Value(IntEnum):
        """As numbers."""

        OKP = 1
        EC2 = 2
        RSA = 3
        SYMMETRIC = 4
        AKP = 7


class COSEKeyOperation(_Registry):
    """What a key is for."""

    class Name(Enum):
        """As words."""

        SIGN = "sign"
        VERIFY = "verify"
        ENCRYPT = "encrypt"
        DECRYPT = "decrypt"
        WRAP_KEY = "wrap key"
        UNWRAP_KEY = "unwrap key"
        DERIVE_KEY = "derive key"
        DERIVE_BITS = "derive bits"
        MAC_CREATE = "MAC create"
        MAC_VERIFY = "MAC verify"

    class Value(IntEnum):
        """As numbers."""

        SIGN = 1
        VERIFY = 2
        ENCRYPT = 3
        DECRYPT = 4
        WRAP_KEY = 5
        UNWRAP_KEY = 6
        DERIVE_KEY = 7
        DERIVE_BITS = 8
        MAC_CREATE = 9
        MAC_VERIFY = 10


class EC2Curve(_Registry):
    """Weierstrass curves."""

    class Name(Enum):
        """As words."""

        P_256 = "P-256"
        P_384 = "P-384"
        P_521 = "P-521"
        SECP256K1 = "secp256k1"

    class Value(IntEnum):
        """As numbers."""

        P_256 = 1
        P_384 = 2
        P_521 = 3
        SECP256K1 = 8


class OKPCurve(_Registry):
    """Edwards curves."""

    class Name(Enum):
        """As words."""

        ED25519 = "Ed25519"
        ED448 = "Ed448"

    class Value(IntEnum):
        """As numbers."""

        ED25519 = 6
        ED448 = 7


_VALUES: dict[type, type[IntEnum]] = {
    registry.Name: registry.Value
    for registry in (COSEAlgorithmIdentifier, COSEKeyType, COSEKeyOperation, EC2Curve, OKPCurve)
}


def number(value: int | Enum) -> int:
    """The number of COSE, of a member of `Name`, a member of `Value`, or a number.

    Raises:
        UnimplementedError: None of them.
    """
    if isinstance(value, int):
        return int(value)
    values = _VALUES.get(type(value))
    if values is None:
        raise UnimplementedError(f"{value!r} is neither a number of COSE nor a member of Name or Value")
    return values[value.name].value


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialPublicKey:
    """The public key of a credential.

    Attributes:
        kty: Key type: a member of `COSEKeyType.Value` or `.Name`, or its number.
        alg: Algorithm, likewise.
        kid: None: the specification forbids this and the next two in a credential's key, and no conversion takes them.
        key_ops: None.
        base_IV: None.
    """

    kty: int | Enum
    alg: int | Enum | None = None
    kid: bytes | None = None
    key_ops: Sequence[int | Enum] | None = None
    base_IV: bytes | None = None  # noqa: N815 - the name that code written for the older library uses


@dataclass(frozen=True, slots=True, kw_only=True)
class EC2CredentialPublicKey(CredentialPublicKey):
    """A point of a Weierstrass curve; coordinates big-endian, as long as the curve's field."""

    kty: int | Enum = COSEKeyType.Value.EC2
    crv: int | Enum
    x: bytes
    y: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OKPCredentialPublicKey(CredentialPublicKey):
    """An encoded point of an Edwards curve."""

    kty: int | Enum = COSEKeyType.Value.OKP
    crv: int | Enum
    x: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RSACredentialPublicKey(CredentialPublicKey):
    """Modulus and exponent, big-endian. The older library could not read these."""

    kty: int | Enum = COSEKeyType.Value.RSA
    n: bytes
    e: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AKPCredentialPublicKey(CredentialPublicKey):
    """The encoded public key of an ML-DSA key pair. The older library could not read these."""

    kty: int | Enum = COSEKeyType.Value.AKP
    pub: bytes
