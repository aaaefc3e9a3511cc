"""Signatures by AlgorithmIdentifier: every row of the table, and what does not belong together."""

from __future__ import annotations

import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, rsa, x25519

from certificates.writing import algorithm, number, oid, seq, sign, tlv
from unlatch.crypto.certificate_signatures import is_signed_with
from unlatch.wire import der

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
KEYS = [
    (RSA, "sha256"), (RSA, "sha384"), (RSA, "sha512"),
    (EC, "sha256"), (EC, "sha384"), (EC, "sha512"),
    (ec.generate_private_key(ec.SECP384R1()), "sha384"), (ec.generate_private_key(ec.SECP521R1()), "sha512"),
    (ED, "sha256"), (ed448.Ed448PrivateKey.generate(), "sha256"),
    (mldsa.MLDSA44PrivateKey.generate(), "sha256"),
    (mldsa.MLDSA65PrivateKey.generate(), "sha256"),
    (mldsa.MLDSA87PrivateKey.generate(), "sha256"),
]  # fmt: skip
DATA = b"to be signed"


@pytest.mark.parametrize(("key", "digest"), KEYS)
def test_every_algorithm(key, digest):
    named, signature = algorithm(key, digest), sign(key, DATA, digest)
    assert is_signed_with(key.public_key(), named, signature, DATA)
    assert not is_signed_with(key.public_key(), named, signature, DATA + b"!")
    assert not is_signed_with(key.public_key(), named, signature[:-1], DATA)
    for other in (RSA, EC, ED):
        if type(other) is not type(key):
            assert not is_signed_with(other.public_key(), named, signature, DATA)


@pytest.mark.parametrize(("digest", "salt"), [("sha256", 32), ("sha384", 48), ("sha512", 0), ("sha256", None)])
def test_pss(digest, salt):
    named = algorithm(RSA, digest, pss=True, salt=salt)
    signature = sign(RSA, DATA, digest, pss=True, salt=salt)
    assert is_signed_with(RSA.public_key(), named, signature, DATA)
    assert not is_signed_with(RSA.public_key(), named, signature, b"")
    other = algorithm(RSA, digest, pss=True, salt=64)
    assert not is_signed_with(RSA.public_key(), other, signature, DATA)
    assert not is_signed_with(EC.public_key(), named, signature, DATA)


def test_a_pss_signature_is_as_long_as_the_modulus():
    """OpenSSL alone would take one without the zero in front."""
    named = algorithm(RSA, "sha256", pss=True, salt=32)
    signature = next(s for _ in itertools.count() if (s := sign(RSA, DATA, "sha256", pss=True, salt=32))[0] == 0)
    assert is_signed_with(RSA.public_key(), named, signature, DATA)
    assert not is_signed_with(RSA.public_key(), named, signature[1:], DATA)


PSS, MGF1, SHA1, SHA256 = (
    "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.8", seq(oid("1.3.14.3.2.26")), seq(oid("2.16.840.1.101.3.4.2.1")),
)  # fmt: skip


@pytest.mark.parametrize(
    "named",
    [
        b"",
        seq(),
        seq(number(1)),
        seq(oid("1.2.840.113549.1.1.11"), number(1)),
        seq(oid("1.2.840.113549.1.1.11"), b"\x05\x00", b"\x05\x00"),
        seq(oid("1.2.840.113549.1.1.14"), b"\x05\x00"),
        seq(oid(PSS)),
        seq(oid(PSS), seq()),
        seq(oid(PSS), seq(tlv(0xA0, SHA1), tlv(0xA1, seq(oid(MGF1), SHA1)))),
        seq(oid(PSS), seq(tlv(0xA0, SHA256), tlv(0xA1, seq(oid(MGF1), SHA1)))),
        seq(oid(PSS), seq(tlv(0xA0, SHA256), tlv(0xA1, seq(oid("1.2.3"), SHA256)))),
        seq(oid(PSS), seq(tlv(0xA0, SHA256), tlv(0xA1, seq(oid(MGF1), SHA256)), tlv(0xA2, number(-1)))),
        seq(oid(PSS), seq(tlv(0xA0, SHA256), tlv(0xA1, seq(oid(MGF1), SHA256)), tlv(0xA2, number(2**70)))),
        seq(oid(PSS), seq(tlv(0xA0, SHA256), tlv(0xA1, seq(oid(MGF1), SHA256)), tlv(0xA4, number(1)))),
        seq(oid(PSS), seq(tlv(0xA0, SHA256), tlv(0xA1, seq(oid(MGF1), SHA256)), tlv(0xA2, number(300)))),
    ],
)
def test_identifiers_that_name_nothing(named):
    assert not is_signed_with(RSA.public_key(), named, sign(RSA, DATA), DATA)


def test_a_trailer_that_is_written_out():
    named = algorithm(RSA, pss=True)
    fields = der.Cursor(der.decode(named, der.SEQUENCE, "").content, "")
    identifier, parameters = fields.next().raw, fields.next().content
    signature = sign(RSA, DATA, pss=True)
    assert is_signed_with(RSA.public_key(), seq(identifier, seq(parameters, tlv(0xA3, number(1)))), signature, DATA)


def test_rsa_parameters_may_be_absent():
    named = seq(oid("1.2.840.113549.1.1.11"))
    assert is_signed_with(RSA.public_key(), named, sign(RSA, DATA), DATA)


@pytest.mark.parametrize("key", [RSA, EC])
def test_sha1_is_gone(key):
    assert not is_signed_with(key.public_key(), algorithm(key, "sha1"), sign(key, DATA, "sha1"), DATA)


@pytest.mark.parametrize("key", [EC, ED])
def test_parameters_where_none_belong(key):
    named = algorithm(key)
    # An EC key's NULL is tolerated: Java wrote it.
    odd = seq(named[2:], b"\x30\x00" if key is EC else b"\x05\x00")
    assert not is_signed_with(key.public_key(), odd, sign(key, DATA), DATA)


def test_keys_that_sign_nothing_here():
    agreement = x25519.X25519PrivateKey.generate().public_key()
    old = dsa.generate_private_key(2048)
    for key in (agreement, old.public_key()):
        assert not is_signed_with(key, algorithm(ED), b"", DATA)
        assert not is_signed_with(key, algorithm(EC), b"", DATA)
