"""Signatures on certificates and revocation lists: from AlgorithmIdentifier to verification.

RSA (PKCS #1 v1.5 and PSS), ECDSA, Ed25519, Ed448 and ML-DSA, each with SHA-2 where a hash is named. SHA-1 and older
are absent on purpose: nobody can tell such a signature from a forged one, and no authenticator maker needs them below
the root (a root's own signature is never verified: being an anchor is what makes it trusted).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey, MLDSA87PublicKey

from unlatch.crypto.certificates import MAX_RSA_BITS
from unlatch.crypto.signatures import octets_of_modulus
from unlatch.errors import Malformed
from unlatch.wire import der

if TYPE_CHECKING:
    from collections.abc import Callable

_SHA2: dict[str, hashes.HashAlgorithm] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
_RSA_PKCS1: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}
_ECDSA: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.10045.4.3.2": hashes.SHA256(),
    "1.2.840.10045.4.3.3": hashes.SHA384(),
    "1.2.840.10045.4.3.4": hashes.SHA512(),
}
_RSA_PSS = "1.2.840.113549.1.1.10"
_MGF1 = "1.2.840.113549.1.1.8"
_PURE: dict[str, type] = {
    "1.3.101.112": Ed25519PublicKey,
    "1.3.101.113": Ed448PublicKey,
    "2.16.840.1.101.3.4.3.17": MLDSA44PublicKey,
    "2.16.840.1.101.3.4.3.18": MLDSA65PublicKey,
    "2.16.840.1.101.3.4.3.19": MLDSA87PublicKey,
}
_NULL = b"\x05\x00"
#: Of the longest key; with its hash and padding a salt is shorter.
_MODULUS_OCTETS = MAX_RSA_BITS // 8
_PSS_HASH, _PSS_MASK, _PSS_SALT, _PSS_TRAILER = 0xA0, 0xA1, 0xA2, 0xA3


def is_signed_with(public_key: object, algorithm: bytes, signature: bytes, data: bytes) -> bool:
    """Whether `signature` over `data` was made with this key by this algorithm.

    Args:
        public_key: The issuer's key, an object of `cryptography`.
        algorithm: AlgorithmIdentifier, DER.
        signature: Octets of the signature.
        data: The signed part.

    Returns:
        False too for an algorithm that is not in the tables, or that does not fit the key.
    """
    try:
        verify = _verifier(public_key, *_identifier(algorithm))
        if verify is None:
            return False
        verify(signature, data)
    except (Malformed, InvalidSignature, UnsupportedAlgorithm, ValueError):
        # ValueError: a salt or digest that does not fit into a short RSA modulus.
        return False
    return True


@lru_cache(64)
def _identifier(algorithm: bytes) -> tuple[str, der.Element | None]:
    """Object identifier and parameters of an AlgorithmIdentifier; kept, because there are few."""
    sequence = der.Cursor(der.decode(algorithm, der.SEQUENCE, "").content, "")
    identifier = der.oid(sequence.take(der.OID), "")
    parameters = None if sequence.at_end else sequence.next()
    sequence.expect_end()
    return identifier, parameters


def _verifier(
    public_key: object, identifier: str, parameters: der.Element | None
) -> Callable[[bytes, bytes], object] | None:
    """What verifies (signature, data), or None where algorithm, parameters and key do not belong together."""
    if isinstance(public_key, rsa.RSAPublicKey):
        key = public_key
        if identifier == _RSA_PSS and parameters is not None:
            salted, pss_hash = _pss(parameters)

            def verify_pss(signature: bytes, data: bytes) -> None:
                if len(signature) != octets_of_modulus(key):
                    raise InvalidSignature
                key.verify(signature, data, salted, pss_hash)

            return verify_pss
        digest = _RSA_PKCS1.get(identifier)
        # RFC 4055 section 5: parameters are NULL; readers take absence for the same.
        if digest is None or (parameters is not None and parameters.raw != _NULL):
            return None
        return lambda signature, data: key.verify(signature, data, padding.PKCS1v15(), digest)
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        point = public_key
        ecdsa_hash = _ECDSA.get(identifier)
        # RFC 5758 section 3.2: no parameters; Java wrote NULL until version 16, and readers tolerate it.
        if ecdsa_hash is None or (parameters is not None and parameters.raw != _NULL):
            return None
        return lambda signature, data: point.verify(signature, data, ec.ECDSA(ecdsa_hash))
    kind = _PURE.get(identifier)
    if kind is None or parameters is not None or not isinstance(public_key, kind):
        return None
    return public_key.verify  # type: ignore[attr-defined,no-any-return]  # every class of the table has verify(signature, data)


def _pss(parameters: der.Element) -> tuple[padding.PSS, hashes.HashAlgorithm]:
    """RSASSA-PSS-params (RFC 4055 section 3.1); the defaults are SHA-1 and thus refused."""
    fields = der.Cursor(parameters.content, "")
    digest = _pss_hash(der.Cursor(fields.take(_PSS_HASH).content, ""))
    mask = der.Cursor(fields.take(_PSS_MASK).content, "").enter(der.SEQUENCE)
    if der.oid(mask.take(der.OID), "") != _MGF1:
        raise ValueError("a mask generation function other than MGF1")
    mask_digest = _pss_hash(mask)
    salt_field = fields.take_optional(_PSS_SALT)
    salt_length = 20 if salt_field is None else der.integer(der.decode(salt_field.content, der.INTEGER, ""), "")
    fields.take_optional(_PSS_TRAILER)
    fields.expect_end()
    if not 0 <= salt_length < _MODULUS_OCTETS:
        raise ValueError("a salt that fits into no modulus")
    return padding.PSS(mgf=padding.MGF1(mask_digest), salt_length=salt_length), digest


def _pss_hash(cursor: der.Cursor) -> hashes.HashAlgorithm:
    """The hash that the next AlgorithmIdentifier names."""
    fields = cursor.enter(der.SEQUENCE)
    digest = _SHA2.get(der.oid(fields.take(der.OID), ""))
    if digest is None:
        raise ValueError("a hash other than SHA-2")
    return digest
