"""Verify a signature with a COSE key (sections 6.5.5 and 5.8.5).

The algorithm is the key's own; a response never chooses it. `cryptography` does the mathematics; what it leaves open
is fixed here: ECDSA signatures are strict DER, the PSS salt is exactly as long as the hash.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey, MLDSA87PublicKey

from unlatch.wire import curves
from unlatch.wire.algorithms import ALGORITHMS, Algorithm, Scheme
from unlatch.wire.cose import AkpKey, CoseKey, Ec2Key, OkpKey, RsaKey
from unlatch.wire.curves import WeierstrassCurve

MldsaPublicKey: TypeAlias = MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey
PublicKey: TypeAlias = ec.EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey | rsa.RSAPublicKey | MldsaPublicKey

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303  # RS1 inside old TPM statements; algorithms.py bars it from credentials
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_ECDSA = {name: ec.ECDSA(algorithm) for name, algorithm in _HASHES.items()}
_PSS = {
    name: padding.PSS(mgf=padding.MGF1(algorithm), salt_length=algorithm.digest_size)
    for name, algorithm in _HASHES.items()
}
_PKCS1 = padding.PKCS1v15()
_CURVES: dict[int, ec.EllipticCurve] = {1: ec.SECP256R1(), 2: ec.SECP384R1(), 3: ec.SECP521R1(), 8: ec.SECP256K1()}
_ML_DSA: dict[int, type[MldsaPublicKey]] = {
    -48: MLDSA44PublicKey,
    -49: MLDSA65PublicKey,
    -50: MLDSA87PublicKey,
}


def _kind_and_parameters(algorithm: Algorithm) -> tuple[type[Any], tuple[object, ...]]:
    """The key objects that an algorithm works with, and what their `verify` takes after signature and data."""
    if algorithm.scheme is Scheme.ECDSA:
        return ec.EllipticCurvePublicKey, (_ECDSA[algorithm.hash],)
    if algorithm.scheme is Scheme.RSA_PKCS1:
        return rsa.RSAPublicKey, (_PKCS1, _HASHES[algorithm.hash])
    if algorithm.scheme is Scheme.RSA_PSS:
        return rsa.RSAPublicKey, (_PSS[algorithm.hash], _HASHES[algorithm.hash])
    if algorithm.scheme is Scheme.ML_DSA:
        return _ML_DSA[algorithm.id], ()
    return (Ed25519PublicKey if algorithm.curve is curves.ED25519 else Ed448PublicKey), ()


#: By COSE identifier.
_KINDS_AND_PARAMETERS = {algorithm.id: _kind_and_parameters(algorithm) for algorithm in ALGORITHMS.values()}


def load_key(key: CoseKey) -> PublicKey:
    """Build the key object that `verify` needs; about a fifth of the cost of an ES256 verification."""
    if type(key) is Ec2Key:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[key.curve.crv], b"\x04" + key.x + key.y)
    if type(key) is OkpKey:
        return (Ed25519PublicKey if key.curve.crv == 6 else Ed448PublicKey).from_public_bytes(key.x)
    if type(key) is RsaKey:
        return rsa.RSAPublicNumbers(key.e, key.n).public_key()
    if type(key) is AkpKey:
        return _ML_DSA[key.algorithm.id].from_public_bytes(key.pub)
    raise TypeError(f"not a COSE key: {type(key).__name__}")


def is_valid(key: CoseKey, signature: bytes, data: bytes) -> bool:
    """Whether `signature` is the key's over `data`, by the key's own algorithm."""
    return _verifies(load_key(key), key.algorithm, signature, data)


def is_valid_with(public_key: object, algorithm: Algorithm, signature: bytes, data: bytes) -> bool:
    """Whether `signature` over `data` verifies with a key object, for example a certificate's.

    Args:
        public_key: A key object of `cryptography`. One of another kind than the algorithm's makes the answer False.
        algorithm: The COSE algorithm that the statement names.
        signature: In the encoding of the algorithm (section 6.5.5).
        data: What was signed.
    """
    kind, _ = _KINDS_AND_PARAMETERS[algorithm.id]
    if not isinstance(public_key, kind):
        return False
    if isinstance(algorithm.curve, WeierstrassCurve):
        curve = type(_CURVES[algorithm.curve.crv])
        if not isinstance(public_key.curve, curve):
            return False
    return _verifies(public_key, algorithm, signature, data)


def _verifies(public_key: Any, algorithm: Algorithm, signature: bytes, data: bytes) -> bool:
    """As `is_valid_with`, for a key object that is known to fit the algorithm."""
    try:
        public_key.verify(signature, data, *_KINDS_AND_PARAMETERS[algorithm.id][1])
    except InvalidSignature:
        return False
    return True
