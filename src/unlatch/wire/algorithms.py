"""The signature algorithms, one row each: what the COSE identifier binds (RFC 9053, 8230, 8812, 9864, 9964).

An identifier is bound to one key type and, in WebAuthn, to one curve (section 5.8.5): -7 is ECDSA on P-256 and
nothing else. A new algorithm is a new row here and, if its mathematics is new, a verifier in `unlatch.crypto`.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from types import MappingProxyType

from unlatch.values import frozen
from unlatch.wire import curves
from unlatch.wire.curves import EdwardsCurve, WeierstrassCurve


class KeyType(IntEnum):
    """COSE key types, by their number."""

    OKP = 1
    EC2 = 2
    RSA = 3
    AKP = 7


class Scheme(StrEnum):
    """The mathematics of a signature, and how it is written down."""

    ECDSA = "ecdsa"  # DER Ecdsa-Sig-Value
    EDDSA = "eddsa"  # raw
    RSA_PKCS1 = "rsa-pkcs1"  # raw
    RSA_PSS = "rsa-pss"  # raw; salt as long as the hash (RFC 8230 section 2)
    ML_DSA = "ml-dsa"  # raw


@frozen
class Algorithm:
    """One COSE signature algorithm.

    Attributes:
        id: The COSE algorithm identifier.
        name: Its registered name.
        scheme: How it signs.
        key_type: The only key type it works with.
        hash: Name of the hash as in `hashlib`; empty where the scheme brings its own.
        curve: The only curve it works with here; None for RSA and ML-DSA.
        key_length: Length in bytes of an AKP public key; 0 for the other key types.
        for_credentials: False for algorithms that may appear inside attestation statements only.
    """

    id: int
    name: str
    scheme: Scheme
    key_type: KeyType
    hash: str = ""
    curve: WeierstrassCurve | EdwardsCurve | None = None
    key_length: int = 0
    for_credentials: bool = True


def _ecdsa(identifier: int, name: str, hash_name: str, curve: WeierstrassCurve) -> Algorithm:
    return Algorithm(identifier, name, Scheme.ECDSA, KeyType.EC2, hash_name, curve)


def _eddsa(identifier: int, name: str, curve: EdwardsCurve) -> Algorithm:
    return Algorithm(identifier, name, Scheme.EDDSA, KeyType.OKP, curve=curve)


def _rsa(identifier: int, name: str, scheme: Scheme, hash_name: str, *, for_credentials: bool = True) -> Algorithm:
    return Algorithm(identifier, name, scheme, KeyType.RSA, hash_name, for_credentials=for_credentials)


def _ml_dsa(identifier: int, name: str, key_length: int) -> Algorithm:
    return Algorithm(identifier, name, Scheme.ML_DSA, KeyType.AKP, key_length=key_length)


ALGORITHMS = MappingProxyType(
    {
        row.id: row
        for row in (
            _ecdsa(-7, "ES256", "sha256", curves.P256),
            _ecdsa(-35, "ES384", "sha384", curves.P384),
            _ecdsa(-36, "ES512", "sha512", curves.P521),
            _ecdsa(-47, "ES256K", "sha256", curves.SECP256K1),
            _ecdsa(-9, "ESP256", "sha256", curves.P256),
            _ecdsa(-51, "ESP384", "sha384", curves.P384),
            _ecdsa(-52, "ESP512", "sha512", curves.P521),
            _eddsa(-8, "EdDSA", curves.ED25519),
            _eddsa(-19, "Ed25519", curves.ED25519),
            _eddsa(-53, "Ed448", curves.ED448),
            _rsa(-257, "RS256", Scheme.RSA_PKCS1, "sha256"),
            _rsa(-258, "RS384", Scheme.RSA_PKCS1, "sha384"),
            _rsa(-259, "RS512", Scheme.RSA_PKCS1, "sha512"),
            _rsa(-37, "PS256", Scheme.RSA_PSS, "sha256"),
            _rsa(-38, "PS384", Scheme.RSA_PSS, "sha384"),
            _rsa(-39, "PS512", Scheme.RSA_PSS, "sha512"),
            # Old Windows TPMs sign their statements with SHA-1; a credential may never do so.
            _rsa(-65535, "RS1", Scheme.RSA_PKCS1, "sha1", for_credentials=False),
            _ml_dsa(-48, "ML-DSA-44", 1312),
            _ml_dsa(-49, "ML-DSA-65", 1952),
            _ml_dsa(-50, "ML-DSA-87", 2592),
        )
    }
)

ES256 = ALGORITHMS[-7]
#: What the specification recommends to offer at least, in its order (section 5.4).
DEFAULT_ALGORITHMS = (-8, -7, -257)
#: The default with the post-quantum algorithms in front, for relying parties that opt in.
POST_QUANTUM_ALGORITHMS = (-48, -49, -50, *DEFAULT_ALGORITHMS)
