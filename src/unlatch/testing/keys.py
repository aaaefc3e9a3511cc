"""Key pairs of every COSE algorithm that the software authenticator speaks: made, encoded, and signed with.

Sources: RFC 9053 (EC2, OKP), RFC 8230 (RSA), RFC 8812 (ES256K, RS*), RFC 9864 (fully specified ids),
RFC 9964 (ML-DSA, key type AKP); section 6.5.1.1 of the specification for uncompressed points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa

from unlatch.wire import cbor

#: A COSE_Key as a plain mapping from label to value.
CoseMap = dict[int | bytes | str, Any]

_SHA: dict[int, Callable[[], hashes.HashAlgorithm]] = {
    1: hashes.SHA1,
    256: hashes.SHA256,
    384: hashes.SHA384,
    512: hashes.SHA512,
}


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One COSE signature algorithm.

    Attributes:
        id: Its COSE number.
        name: Its registered name.
        family: ``"ecdsa"``, ``"eddsa"``, ``"pkcs1"``, ``"pss"`` or ``"mldsa"``.
        curve: COSE curve number of ECDSA and EdDSA keys, else None.
        digest: SHA variant in bits (1 for SHA-1), or None where the algorithm hashes by itself.
        make: Makes a fresh private key.
    """

    id: int
    name: str
    family: str
    curve: int | None
    digest: int | None
    make: Callable[[], Any]


def _rsa_2048() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _on(curve: type[ec.EllipticCurve]) -> Callable[[], ec.EllipticCurvePrivateKey]:
    return lambda: ec.generate_private_key(curve())


ALGORITHMS: dict[int, Algorithm] = {
    row.id: row
    for row in (
        Algorithm(-7, "ES256", "ecdsa", 1, 256, _on(ec.SECP256R1)),
        Algorithm(-35, "ES384", "ecdsa", 2, 384, _on(ec.SECP384R1)),
        Algorithm(-36, "ES512", "ecdsa", 3, 512, _on(ec.SECP521R1)),
        Algorithm(-47, "ES256K", "ecdsa", 8, 256, _on(ec.SECP256K1)),
        Algorithm(-9, "ESP256", "ecdsa", 1, 256, _on(ec.SECP256R1)),
        Algorithm(-51, "ESP384", "ecdsa", 2, 384, _on(ec.SECP384R1)),
        Algorithm(-52, "ESP512", "ecdsa", 3, 512, _on(ec.SECP521R1)),
        Algorithm(-8, "EdDSA", "eddsa", 6, None, ed25519.Ed25519PrivateKey.generate),
        Algorithm(-19, "Ed25519", "eddsa", 6, None, ed25519.Ed25519PrivateKey.generate),
        Algorithm(-53, "Ed448", "eddsa", 7, None, ed448.Ed448PrivateKey.generate),
        Algorithm(-257, "RS256", "pkcs1", None, 256, _rsa_2048),
        Algorithm(-258, "RS384", "pkcs1", None, 384, _rsa_2048),
        Algorithm(-259, "RS512", "pkcs1", None, 512, _rsa_2048),
        Algorithm(-65535, "RS1", "pkcs1", None, 1, _rsa_2048),
        Algorithm(-37, "PS256", "pss", None, 256, _rsa_2048),
        Algorithm(-38, "PS384", "pss", None, 384, _rsa_2048),
        Algorithm(-39, "PS512", "pss", None, 512, _rsa_2048),
        Algorithm(-48, "ML-DSA-44", "mldsa", None, None, mldsa.MLDSA44PrivateKey.generate),
        Algorithm(-49, "ML-DSA-65", "mldsa", None, None, mldsa.MLDSA65PrivateKey.generate),
        Algorithm(-50, "ML-DSA-87", "mldsa", None, None, mldsa.MLDSA87PrivateKey.generate),
    )
}

#: RS1 may sign statements, credentials may not have it.
_ATTESTATION_ONLY = -65535


def credential_algorithms(*families: str) -> tuple[int, ...]:
    """COSE numbers that credentials may have, of the given families; of all when none is given."""
    wanted = (row for row in ALGORITHMS.values() if not families or row.family in families)
    return tuple(row.id for row in wanted if row.id != _ATTESTATION_ONLY)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key together with the COSE algorithm it is used under.

    Attributes:
        algorithm: The row of `ALGORITHMS`.
        private: The key object of `cryptography`.
    """

    algorithm: Algorithm
    private: Any

    @classmethod
    def generate(cls, algorithm: int) -> KeyPair:
        """Make a fresh key for the COSE algorithm number `algorithm`.

        Raises:
            KeyError: The number is not in `ALGORITHMS`.
        """
        row = ALGORITHMS[algorithm]
        return cls(row, row.make())

    @property
    def spki(self) -> bytes:
        """The public key as DER `SubjectPublicKeyInfo`."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        encoded: bytes = self.private.public_key().public_bytes(serialization.Encoding.DER, form)
        return encoded

    @property
    def cose(self) -> CoseMap:
        """The public key as a COSE_Key map with `alg` and exactly the parameters of its type."""
        public = self.private.public_key()
        family = self.algorithm.family
        if family == "ecdsa":
            numbers = public.public_numbers()
            size = (public.key_size + 7) // 8
            point: CoseMap = {-2: numbers.x.to_bytes(size, "big"), -3: numbers.y.to_bytes(size, "big")}
            return {1: 2, 3: self.algorithm.id, -1: self.algorithm.curve, **point}
        if family == "eddsa":
            return {1: 1, 3: self.algorithm.id, -1: self.algorithm.curve, -2: public.public_bytes_raw()}
        if family == "mldsa":
            return {1: 7, 3: self.algorithm.id, -1: public.public_bytes_raw()}
        numbers = public.public_numbers()
        return {1: 3, 3: self.algorithm.id, -1: unsigned(numbers.n), -2: unsigned(numbers.e)}

    @property
    def encoded(self) -> bytes:
        """The COSE_Key in canonical CBOR."""
        return cbor.encode(self.cose)

    def sign(self, data: bytes, *, salt_length: int | None = None) -> bytes:
        """Sign `data` in the encoding of section 6.5.5: DER for ECDSA, raw octets otherwise.

        Args:
            data: What is signed, not yet hashed.
            salt_length: PSS salt in bytes; the digest's length (RFC 8230) when None.
        """
        signature: bytes
        if self.algorithm.digest is None:
            signature = self.private.sign(data)
            return signature
        digest = _SHA[self.algorithm.digest]()
        if self.algorithm.family == "ecdsa":
            signature = self.private.sign(data, ec.ECDSA(digest))
        elif self.algorithm.family == "pkcs1":
            signature = self.private.sign(data, padding.PKCS1v15(), digest)
        else:
            salt = digest.digest_size if salt_length is None else salt_length
            signature = self.private.sign(data, padding.PSS(padding.MGF1(digest), salt), digest)
        return signature


def unsigned(value: int) -> bytes:
    """Shortest big-endian octets of a non-negative integer, as RFC 8230 writes `n` and `e`."""
    return value.to_bytes((value.bit_length() + 7) // 8 or 1, "big")
