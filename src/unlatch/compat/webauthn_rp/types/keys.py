"""Keys and the numbers of COSE, each both as a number (`Value`) and as a word (`Name`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

#: A public key object of `cryptography`.
PublicKey: TypeAlias = PublicKeyTypes


class COSEAlgorithmIdentifier:
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


class COSEKeyType:
    """Key types."""

    class Name(Enum):
        """As words."""

        OKP = "OKP"
        EC2 = "EC2"
        RSA = "RSA"
        AKP = "AKP"

    class Value(IntEnum):
        """As numbers."""

        OKP = 1
        EC2 = 2
        RSA = 3
        AKP = 7


class COSEKeyOperation:
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


class EC2Curve:
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


class OKPCurve:
    """Edwards curves."""

    class Name(Enum):
        """As words."""

        ED25519 = "Ed25519"
        ED448 = "Ed448"

    class Value(IntEnum):
        """As numbers."""

        ED25519 = 6
        ED448 = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialPublicKey:
    """The public key of a credential.

    Attributes:
        kty: Key type, a number of COSE.
        alg: Algorithm, a number of COSE.
    """

    kty: int
    alg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EC2CredentialPublicKey(CredentialPublicKey):
    """A point of a Weierstrass curve; coordinates big-endian, as long as the curve's field."""

    kty: int = COSEKeyType.Value.EC2
    crv: int
    x: bytes
    y: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OKPCredentialPublicKey(CredentialPublicKey):
    """An encoded point of an Edwards curve."""

    kty: int = COSEKeyType.Value.OKP
    crv: int
    x: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RSACredentialPublicKey(CredentialPublicKey):
    """Modulus and exponent, big-endian. The older library could not read these."""

    kty: int = COSEKeyType.Value.RSA
    n: bytes
    e: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AKPCredentialPublicKey(CredentialPublicKey):
    """The encoded public key of an ML-DSA key pair. The older library could not read these."""

    kty: int = COSEKeyType.Value.AKP
    pub: bytes
