"""Registrations for the tests: a credential key, its authenticator data, and what signs the statement."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa

from certificates.writing import CN, OU, C, Extension, O, basic, certificate, name, usage
from unlatch.attestation.formats import FORMATS
from unlatch.attestation.rules import StatementRules
from unlatch.attestation.statement import AttestationResult
from unlatch.codes import Code
from unlatch.errors import AttestationRefused, Malformed
from unlatch.wire import cbor
from unlatch.wire.authenticator_data import AuthenticatorData, decode_authenticator_data

AAGUID = bytes.fromhex("00112233445566778899aabbccddeeff")
ROOT_NAME = name((CN, "Root"), (O, "Tests"))
LEAF_NAME = name((C, "SE"), (O, "Maker"), (OU, "Authenticator Attestation"), (CN, "Model 1"))
AAGUID_OID = "1.3.6.1.4.1.45724.1.1.4"

P256 = [ec.generate_private_key(ec.SECP256R1()) for _ in range(4)]
P384 = ec.generate_private_key(ec.SECP384R1())
P521 = ec.generate_private_key(ec.SECP521R1())
RSA = [rsa.generate_private_key(65537, 2048) for _ in range(2)]
ED25519 = ed25519.Ed25519PrivateKey.generate()
ML_DSA = mldsa.MLDSA44PrivateKey.generate()
ROOT, LEAF, CREDENTIAL, OTHER = P256


def cose_key(private: Any, algorithm: int | None = None) -> bytes:
    public = private.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        numbers, size = public.public_numbers(), (public.key_size + 7) // 8
        crv, default = {256: (1, -7), 384: (2, -35), 521: (3, -36)}[public.key_size]
        x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
        return cbor.encode({1: 2, 3: algorithm or default, -1: crv, -2: x, -3: y})
    if isinstance(public, rsa.RSAPublicKey):
        n, e = public.public_numbers().n, public.public_numbers().e
        return cbor.encode(
            {1: 3, 3: algorithm or -257, -1: n.to_bytes(public.key_size // 8, "big"), -2: e.to_bytes(3, "big")}
        )
    if isinstance(public, mldsa.MLDSA44PublicKey):
        return cbor.encode({1: 7, 3: -48, -1: public.public_bytes_raw()})
    return cbor.encode({1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()})


@dataclass
class Registration:
    """What an authenticator attests: authenticator data and the hash of client data."""

    key: Any = CREDENTIAL
    algorithm: int | None = None
    aaguid: bytes = AAGUID
    client_data_hash: bytes = hashlib.sha256(b"client data").digest()
    authenticator_data: AuthenticatorData = field(init=False)

    def __post_init__(self) -> None:
        raw = b"".join(
            (
                hashlib.sha256(b"example.org").digest(),
                b"\x45\0\0\0\0",
                self.aaguid,
                b"\x00\x20",
                b"i" * 32,
                cose_key(self.key, self.algorithm),
            )
        )
        self.authenticator_data = decode_authenticator_data(raw, "authData")

    @property
    def signed(self) -> bytes:
        return self.authenticator_data.raw + self.client_data_hash

    @property
    def nonce(self) -> bytes:
        return hashlib.sha256(self.signed).digest()

    def verify(self, statement_format: str, statement: cbor.Value, **rules: Any) -> AttestationResult:
        procedure = FORMATS[statement_format]
        return procedure(statement, self.authenticator_data, self.client_data_hash, rules=StatementRules(**rules))

    def refused(self, statement_format: str, statement: cbor.Value, detail: str, **rules: Any) -> AttestationRefused:
        """The refusal, whose detail must contain `detail`."""
        with pytest.raises(AttestationRefused) as caught:
            self.verify(statement_format, statement, **rules)
        assert detail in caught.value.detail
        assert caught.value.step == "attestation-statement"
        return caught.value

    def malformed(self, statement_format: str, statement: cbor.Value, path: str, code: Code | None = None) -> Malformed:
        """The error about the shape, at this path below the statement."""
        with pytest.raises(Malformed) as caught:
            self.verify(statement_format, statement)
        assert caught.value.path == f"response.attestationObject.attStmt{path}"
        assert caught.value.code is (code or Code.ATTESTATION_STATEMENT)
        return caught.value


def leaf(
    key: Any = LEAF,
    *,
    subject: bytes = LEAF_NAME,
    extensions: list[Extension] | None = None,
    replace: dict[str, Extension | None] | None = None,
    signer: Any = ROOT,
    issuer: bytes = ROOT_NAME,
    **parts: Any,
) -> bytes:
    """An attestation certificate as section 8.2.1 wants it; `replace` changes or drops extensions by identifier."""
    found = {item[0]: item for item in (extensions if extensions is not None else [basic(False), usage(0)])}
    for identifier, item in (replace or {}).items():
        if item is None:
            found.pop(identifier, None)
        else:
            found[identifier] = item
    return certificate(key, signer, subject=subject, issuer=issuer, extensions_=list(found.values()), **parts)


def root(key: Any = ROOT, *, subject: bytes = ROOT_NAME, **parts: Any) -> bytes:
    parts = {"extensions_": [basic(True), usage(5, 6)], **parts}
    return certificate(key, key, subject=subject, issuer=subject, **parts)


def rs256(key: rsa.RSAPrivateKey, data: bytes, digest: hashes.HashAlgorithm | None = None) -> bytes:
    return key.sign(data, padding.PKCS1v15(), digest or hashes.SHA256())
