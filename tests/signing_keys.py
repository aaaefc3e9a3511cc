"""Keys that tests sign with: one per algorithm, made once, with its COSE form written out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_SHA = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}
_EC = {
    -7: (ec.SECP256R1(), 1, 256),
    -35: (ec.SECP384R1(), 2, 384),
    -36: (ec.SECP521R1(), 3, 512),
    -47: (ec.SECP256K1(), 8, 256),
    -9: (ec.SECP256R1(), 1, 256),
    -51: (ec.SECP384R1(), 2, 384),
    -52: (ec.SECP521R1(), 3, 512),
}
_RSA_PKCS1 = {-257: 256, -258: 384, -259: 512}
_RSA_PSS = {-37: 256, -38: 384, -39: 512}
_ML_DSA = {-48: mldsa.MLDSA44PrivateKey, -49: mldsa.MLDSA65PrivateKey, -50: mldsa.MLDSA87PrivateKey}

#: Every algorithm that a credential may have.
ALGORITHMS = (-7, -35, -36, -47, -9, -51, -52, -8, -19, -53, -257, -258, -259, -37, -38, -39, -48, -49, -50)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with what a relying party sees of it.

    Attributes:
        algorithm: COSE identifier.
        cose: The COSE_Key as a map.
        private: Key object of `cryptography`.
        sign: Signs, in the encoding of WebAuthn.
    """

    algorithm: int
    cose: dict[int, Any]
    private: Any
    sign: Callable[[bytes], bytes]

    @property
    def public(self) -> Any:
        """Key object of `cryptography`."""
        return self.private.public_key()

    @property
    def spki(self) -> bytes:
        """DER of the SubjectPublicKeyInfo, by `cryptography`."""
        encoded: bytes = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return encoded


def unsigned(value: int) -> bytes:
    """Big-endian in as few bytes as possible."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def ec_key(algorithm: int, private: ec.EllipticCurvePrivateKey) -> SigningKey:
    """An EC2 key under an ECDSA algorithm."""
    _, crv, bits = _EC[algorithm]
    size = (private.curve.key_size + 7) // 8
    point = private.public_key().public_numbers()
    cose = {1: 2, 3: algorithm, -1: crv, -2: point.x.to_bytes(size, "big"), -3: point.y.to_bytes(size, "big")}
    return SigningKey(algorithm, cose, private, lambda data: private.sign(data, ec.ECDSA(_SHA[bits])))


def rsa_key(algorithm: int, private: rsa.RSAPrivateKey) -> SigningKey:
    """An RSA key under an RSA algorithm."""
    numbers = private.public_key().public_numbers()
    cose = {1: 3, 3: algorithm, -1: unsigned(numbers.n), -2: unsigned(numbers.e)}
    if algorithm in _RSA_PKCS1:
        digest = _SHA[_RSA_PKCS1[algorithm]]
        return SigningKey(algorithm, cose, private, lambda data: private.sign(data, padding.PKCS1v15(), digest))
    digest = _SHA[_RSA_PSS[algorithm]]
    pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
    return SigningKey(algorithm, cose, private, lambda data: private.sign(data, pss, digest))


@cache
def _rsa_private(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def signing_key(algorithm: int, index: int = 0) -> SigningKey:
    """The `index`-th key for an algorithm; the same one each time within a run."""
    return _signing_key(algorithm, index)


@cache
def _signing_key(algorithm: int, index: int) -> SigningKey:
    if algorithm in _EC:
        return ec_key(algorithm, ec.generate_private_key(_EC[algorithm][0]))
    if algorithm in _RSA_PKCS1 or algorithm in _RSA_PSS:
        # One modulus serves all RSA algorithms: making one is slow, and the algorithm is bound by the COSE key.
        return rsa_key(algorithm, _rsa_private(2048) if index == 0 else rsa.generate_private_key(65537, 2048))
    if algorithm in _ML_DSA:
        private = _ML_DSA[algorithm].generate()
        return SigningKey(
            algorithm, {1: 7, 3: algorithm, -1: private.public_key().public_bytes_raw()}, private, private.sign
        )
    edwards = Ed448PrivateKey.generate() if algorithm == -53 else Ed25519PrivateKey.generate()
    cose = {1: 1, 3: algorithm, -1: 7 if algorithm == -53 else 6, -2: edwards.public_key().public_bytes_raw()}
    return SigningKey(algorithm, cose, edwards, edwards.sign)
