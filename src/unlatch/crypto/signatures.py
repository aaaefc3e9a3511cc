"""Verify a signature with a COSE key (sections 6.5.5 and 5.8.5).

The algorithm is the key's own; a response never chooses it. `cryptography` does the mathematics; what it leaves open
is fixed here: ECDSA signatures are strict DER, a PSS signature is exactly as long as the modulus and its salt as the
hash. What algorithms other than ECDSA need of `cryptography` is loaded with the first such key: most processes see
none.
"""

from __future__ import annotations

from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from unlatch.errors import Misconfigured
from unlatch.values import frozen, maker
from unlatch.wire.algorithms import ALGORITHMS, ES256, Algorithm, Scheme
from unlatch.wire.cose import AkpKey, CoseKey, Ec2Key, OkpKey, RsaKey, decode_key, es256_point
from unlatch.wire.curves import ED25519, EdwardsCurve, WeierstrassCurve

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey, MLDSA87PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

    MldsaPublicKey: TypeAlias = MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey
    PublicKey: TypeAlias = ec.EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey | RSAPublicKey | MldsaPublicKey

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303  # RS1 inside old TPM statements; algorithms.py bars it from credentials
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_CURVES: dict[int, ec.EllipticCurve] = {1: ec.SECP256R1(), 2: ec.SECP384R1(), 3: ec.SECP521R1(), 8: ec.SECP256K1()}
_P256 = _CURVES[1]


class _OfHash(ec.ECDSA):
    """ECDSA over a SHA-256 that is at hand. What `ec.ECDSA` loads when it is called serves to sign, and is much."""

    algorithm = utils.Prehashed(_HASHES["sha256"])

    def __init__(self) -> None:
        """Nothing is to be chosen."""


_ECDSA_OF_HASH = _OfHash()


@frozen
class VerificationKey:
    """A key object of `cryptography`, bound to the one algorithm that it verifies."""

    algorithm: Algorithm
    public_key: PublicKey

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature`, in the encoding of the algorithm (section 6.5.5), is this key's over `data`."""
        public_key: Any = self.public_key
        try:
            if self.algorithm is ES256:
                # Nearly every signature; `hashlib` is at hand, and `cryptography` would look up its hash each time.
                public_key.verify(signature, sha256(data).digest(), _ECDSA_OF_HASH)
            elif self.algorithm.scheme is Scheme.RSA_PSS and len(signature) != octets_of_modulus(public_key):
                return False
            else:
                public_key.verify(signature, data, *_kind_and_parameters(self.algorithm.id)[1])
        except InvalidSignature:
            return False
        return True


_verification_key = maker(VerificationKey)


def load_stored_key(encoded: bytes, path: str) -> VerificationKey:
    """Judge a stored COSE_Key anew, and build the key object that verifies with it.

    That the point of an ES256 key is on its curve is left to `cryptography`, which looks in any case; about a key that
    it refuses `decode_key` says what is wrong.

    Raises:
        Malformed: As `unlatch.wire.cose.decode_key`.
    """
    point = es256_point(encoded)
    if point is not None:
        try:
            return _verification_key(ES256, ec.EllipticCurvePublicKey.from_encoded_point(_P256, point))
        except ValueError:
            pass
    key = decode_key(encoded, path)
    return _verification_key(key.algorithm, load_key(key))


class KeyCache:
    """Key objects kept ready by their COSE bytes, for relying parties whose people sign in often.

    Building a key object takes about a tenth of an ES256 verification, and more for RSA. A key is found by all of its
    bytes and judged when it is first loaded, so nothing is accepted that would be refused without the cache. The keys
    that were used last stay, some 2 KiB each; share one cache among threads.

    Args:
        size: How many keys to keep, at least 1.

    Raises:
        Misconfigured: Not a positive number.
    """

    def __init__(self, size: int = 10_000) -> None:
        if type(size) is not int or size < 1:
            raise Misconfigured(f"A key cache keeps 1 key or more, not {size!r}.")
        self.load = lru_cache(maxsize=size)(load_stored_key)


def load_key(key: CoseKey) -> PublicKey:
    """Build the key object that `verify` needs; about a tenth of the cost of an ES256 verification."""
    if type(key) is Ec2Key:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[key.curve.crv], b"\x04" + key.x + key.y)
    if type(key) is OkpKey:
        return _edwards(key.curve.crv).from_public_bytes(key.x)
    if type(key) is RsaKey:
        return _rsa_numbers()(key.e, key.n).public_key()
    if type(key) is AkpKey:
        return _ml_dsa(key.algorithm.id).from_public_bytes(key.pub)
    raise TypeError(f"not a COSE key: {type(key).__name__}")


def is_valid_with(public_key: Any, algorithm: Algorithm, signature: bytes, data: bytes) -> bool:
    """Whether `signature` over `data` verifies with a key object, for example a certificate's.

    Args:
        public_key: A key object of `cryptography`. One of another kind than the algorithm's makes the answer False.
        algorithm: The COSE algorithm that the statement names.
        signature: In the encoding of the algorithm (section 6.5.5).
        data: What was signed.
    """
    kind, _ = _kind_and_parameters(algorithm.id)
    if not isinstance(public_key, kind):
        return False
    if isinstance(algorithm.curve, WeierstrassCurve):
        curve = type(_CURVES[algorithm.curve.crv])
        if not isinstance(public_key.curve, curve):
            return False
    return VerificationKey(algorithm, public_key).verifies(signature, data)


def octets_of_modulus(public_key: RSAPublicKey) -> int:
    """What an RSA signature measures (RFC 8017 sections 8.1.2 and 8.2.2, step 1).

    OpenSSL looks at it for PKCS #1 v1.5; for PSS it adds the zeros that are missing in front.
    """
    return (public_key.key_size + 7) // 8


@cache
def _kind_and_parameters(identifier: int) -> tuple[type[Any], tuple[object, ...]]:
    """The key objects that an algorithm works with, and what their `verify` takes after signature and data."""
    algorithm = ALGORITHMS[identifier]
    if algorithm.scheme is Scheme.ECDSA:
        return ec.EllipticCurvePublicKey, (ec.ECDSA(_HASHES[algorithm.hash]),)
    if algorithm.scheme is Scheme.ML_DSA:
        return _ml_dsa(identifier), ()
    if isinstance(algorithm.curve, EdwardsCurve):
        return _edwards(algorithm.curve.crv), ()
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    used = _HASHES[algorithm.hash]
    if algorithm.scheme is Scheme.RSA_PSS:
        return rsa.RSAPublicKey, (padding.PSS(mgf=padding.MGF1(used), salt_length=used.digest_size), used)
    return rsa.RSAPublicKey, (padding.PKCS1v15(), used)


@cache
def _rsa_numbers() -> type[RSAPublicNumbers]:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    return RSAPublicNumbers


@cache
def _edwards(crv: int) -> type[Ed25519PublicKey | Ed448PublicKey]:
    if crv == ED25519.crv:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        return Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey

    return Ed448PublicKey


@cache
def _ml_dsa(identifier: int) -> type[MldsaPublicKey]:
    from cryptography.hazmat.primitives.asymmetric import mldsa

    kinds: dict[int, type[MldsaPublicKey]] = {
        -48: mldsa.MLDSA44PublicKey,
        -49: mldsa.MLDSA65PublicKey,
        -50: mldsa.MLDSA87PublicKey,
    }
    return kinds[identifier]
