"""Apple: every rule of section 8.8, one fault at a time."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.ceremonies import CREDENTIAL, OTHER, RSA, Registration, leaf, root
from certificates.writing import seq, tlv
from unlatch.codes import Code
from unlatch.terms import AttestationType

OID = "1.2.840.113635.100.8.2"


def nonce(value: bytes) -> bytes:
    return seq(tlv(0xA1, tlv(0x04, value)))


def statement(registration: Registration, value: bytes | None = None, key: Any = CREDENTIAL) -> dict[str, Any]:
    value = nonce(registration.nonce) if value is None else value
    return {"x5c": [leaf(key, extensions=[(OID, False, value)]), root()]}


def test_sound_statements():
    registration = Registration()
    made = statement(registration)
    result = registration.verify("apple", made)
    assert (result.type, list(result.trust_path)) == (AttestationType.ANONCA, made["x5c"])
    # iOS 14
    registration.verify("apple", made | {"alg": -7})
    for other in (-257, "ES256", None, -7.0):
        refused = registration.refused("apple", made | {"alg": other}, "the algorithm")
        assert refused.code is Code.ATTESTATION_KEY_MISMATCH


def test_another_ceremony():
    registration = Registration()
    made = statement(registration)
    refused = Registration(client_data_hash=bytes(32)).refused("apple", made, "another ceremony")
    assert refused.code is Code.ATTESTATION_INVALID
    Registration(aaguid=bytes(16)).refused("apple", made, "another ceremony")
    registration.refused("apple", statement(registration, nonce(registration.nonce[:31])), "another ceremony")


@pytest.mark.parametrize("key", [OTHER, RSA[0]])
def test_another_key(key):
    registration = Registration()
    refused = registration.refused("apple", statement(registration, key=key), "another key")
    assert refused.code is Code.ATTESTATION_KEY_MISMATCH


def test_no_nonce():
    Registration().refused("apple", {"x5c": [leaf(CREDENTIAL)]}, "no nonce")


@pytest.mark.parametrize(
    "value",
    [
        lambda n: n,
        lambda n: tlv(0x04, n),
        lambda n: seq(tlv(0x04, n)),
        lambda n: seq(tlv(0x81, n)),
        lambda n: seq(tlv(0xA2, tlv(0x04, n))),
        lambda n: seq(tlv(0xA1, tlv(0x03, n))),
        lambda n: seq(tlv(0xA1, tlv(0x04, n) + b"\0")),
        lambda n: seq(tlv(0xA1, tlv(0x04, n)), b"\x05\x00"),
        lambda n: nonce(n) + b"\0",
        lambda n: b"\x30\x24\xa1\x22\x05\x20" + n,
    ],
)
def test_nonces_of_another_form(value):
    registration = Registration()
    registration.malformed("apple", statement(registration, value(registration.nonce)), ".x5c[0]", Code.DER)


@pytest.mark.parametrize("made", [{}, {"x5c": []}, {"x5c": [leaf()], "sig": b"1"}])
def test_shapes(made):
    Registration().malformed("apple", made, ".x5c" if made == {"x5c": []} else "")
