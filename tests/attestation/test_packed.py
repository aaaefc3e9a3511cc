"""Packed: every rule of section 8.2, one fault at a time."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from attestation.ceremonies import (
    AAGUID,
    AAGUID_OID,
    CREDENTIAL,
    ED25519,
    LEAF,
    LEAF_NAME,
    OTHER,
    P384,
    RSA,
    Registration,
    leaf,
    root,
)
from certificates.writing import BASIC, CN, OU, C, O, basic, name, number, seq, sign, tlv
from unlatch.codes import Code
from unlatch.terms import AttestationType

SERIAL, FIRMWARE = "1.3.6.1.4.1.45724.1.1.2", "1.3.6.1.4.1.45724.1.1.5"


def basic_statement(registration: Registration, certificate: bytes, *more: bytes, key: Any = LEAF, alg: int = -7):
    return {"alg": alg, "sig": sign(key, registration.signed), "x5c": [certificate, *more]}


def self_statement(registration: Registration, key: Any = CREDENTIAL, alg: int = -7):
    return {"alg": alg, "sig": sign(key, registration.signed)}


def test_a_sound_certificate():
    registration = Registration()
    certificate = leaf(extensions=[basic(False), (AAGUID_OID, False, tlv(0x04, AAGUID))])
    chain = [certificate, root()]
    result = registration.verify("packed", basic_statement(registration, *chain))
    assert result.type is AttestationType.BASIC_OR_ATTCA
    assert result.trust_path == (certificate, chain[1])


@pytest.mark.parametrize(("key", "alg"), [(P384, -35), (RSA[0], -257), (ED25519, -8)])
def test_other_certificate_keys(key, alg):
    registration = Registration()
    digest = "sha384" if key is P384 else "sha256"
    statement = {"alg": alg, "sig": sign(key, registration.signed, digest), "x5c": [leaf(key)]}
    assert registration.verify("packed", statement).type is AttestationType.BASIC_OR_ATTCA


@pytest.mark.parametrize(("key", "alg"), [(CREDENTIAL, -7), (RSA[0], -257), (ED25519, -8)])
def test_sound_self_attestation(key, alg):
    registration = Registration(key)
    result = registration.verify("packed", self_statement(registration, key, alg))
    assert (result.type, result.trust_path) == (AttestationType.SELF, ())


def test_self_attestation_names_the_credentials_algorithm():
    registration = Registration()
    refused = registration.refused("packed", self_statement(registration, alg=-9), "another algorithm")
    assert refused.code is Code.ATTESTATION_KEY_MISMATCH


def test_self_attestation_by_another_key():
    registration = Registration()
    refused = registration.refused("packed", self_statement(registration, OTHER), "does not verify")
    assert refused.code is Code.ATTESTATION_SIGNATURE


@pytest.mark.parametrize("signer", [OTHER, CREDENTIAL])
def test_signature_by_another_key_than_the_certificates(signer):
    registration = Registration()
    registration.refused("packed", basic_statement(registration, leaf(), key=signer), "does not verify")


def test_the_signature_covers_all_it_should():
    registration = Registration()
    statement = basic_statement(registration, leaf())
    other = Registration(client_data_hash=bytes(32))
    other.refused("packed", statement, "does not verify")
    Registration(aaguid=bytes(16)).refused("packed", statement, "does not verify")


@pytest.mark.parametrize("alg", [-257, -8, -35, -47])
def test_the_algorithm_is_bound_to_the_certificates_key_and_curve(alg):
    registration = Registration()
    registration.refused("packed", basic_statement(registration, leaf(), alg=alg), "does not verify")


@pytest.mark.parametrize("alg", [-65535, -1, 0, 7])
def test_algorithms_that_are_unknown_or_only_for_tpms(alg):
    registration = Registration()
    refused = registration.refused("packed", basic_statement(registration, leaf(), alg=alg), "cannot be verified")
    assert refused.code is Code.ATTESTATION_INVALID


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"x5c": []}, ".x5c"),
        ({"x5c": [b"", b""]}, None),
        ({"x5c": b"0"}, ".x5c"),
        ({"x5c": ["text"]}, ".x5c[0]"),
        ({"x5c": [leaf()] * 13}, ".x5c"),
        ({"ecdaaKeyId": b"key"}, ""),
        ({"extra": 1}, ""),
        ({1: 1}, ""),
        ({"sig": b""}, ".sig"),
        ({"sig": "text"}, ".sig"),
        ({"alg": "ES256"}, ".alg"),
        ({"alg": True}, ".alg"),
        ({"alg": None}, ".alg"),
    ],
)
def test_shapes_that_the_cddl_does_not_have(change, path):
    registration = Registration()
    statement = basic_statement(registration, leaf()) | change
    if path is None:
        registration.malformed("packed", statement, ".x5c[0]", Code.DER)
    else:
        registration.malformed("packed", statement, path)


@pytest.mark.parametrize("missing", ["alg", "sig"])
def test_missing_members(missing):
    registration = Registration()
    statement = basic_statement(registration, leaf())
    del statement[missing]
    registration.malformed("packed", statement, "")


@pytest.mark.parametrize("statement", [[], None, 1, "packed", b""])
def test_statements_that_are_no_map(statement):
    Registration().malformed("packed", statement, "")


def subject(**changed: str | None) -> bytes:
    parts = {C: "SE", O: "Maker", OU: "Authenticator Attestation", CN: "Model 1"}
    parts |= {{"C": C, "O": O, "OU": OU, "CN": CN}[key]: value for key, value in changed.items()}
    return name(*((kind, value) for kind, value in parts.items() if value is not None))


@pytest.mark.parametrize(
    ("parts", "detail"),
    [
        ({"version": 1, "extensions": []}, "version"),
        ({"version": 2, "extensions": []}, "version"),
        ({"subject": subject(C=None)}, "subject C"),
        ({"subject": subject(C="SWE")}, "subject C"),
        ({"subject": subject(C="\u00df")}, "subject C"),  # "SS" in capitals
        ({"subject": subject(C="OO")}, "subject C"),
        ({"subject": subject(O=None)}, "subject O"),
        ({"subject": subject(O="")}, "subject O"),
        ({"subject": subject(CN=None)}, "subject CN"),
        ({"subject": subject(CN=" ")}, "subject CN"),
        ({"subject": subject(OU=None)}, "subject OU"),
        ({"subject": subject(OU="authenticator attestation")}, "subject OU"),
        ({"subject": subject(OU="Authenticator Attestation CA")}, "subject OU"),
        ({"subject": name()}, "subject C"),
        ({"replace": {BASIC: basic(True)}}, "certificate authority"),
        ({"replace": {BASIC: basic(True, 0)}}, "certificate authority"),
        ({"replace": {BASIC: None}}, "no Basic Constraints"),
        ({"replace": {AAGUID_OID: (AAGUID_OID, False, tlv(0x04, bytes(16)))}}, "another AAGUID"),
        ({"replace": {AAGUID_OID: (AAGUID_OID, False, tlv(0x04, AAGUID[:15]))}}, "another AAGUID"),
        ({"replace": {AAGUID_OID: (AAGUID_OID, False, tlv(0x04, AAGUID + b"\0"))}}, "another AAGUID"),
        ({"replace": {AAGUID_OID: (AAGUID_OID, True, tlv(0x04, AAGUID))}}, "must not be critical"),
        ({"replace": {SERIAL: (SERIAL, True, tlv(0x04, b"1"))}}, "must not be critical"),
        ({"replace": {FIRMWARE: (FIRMWARE, True, number(1))}}, "must not be critical"),
        ({"replace": {FIRMWARE: (FIRMWARE, False, number(-1))}}, "below 0"),
    ],
)
def test_certificates_that_break_a_requirement(parts, detail):
    registration = Registration()
    refused = registration.refused("packed", basic_statement(registration, leaf(**parts)), detail)
    assert refused.code is Code.ATTESTATION_CERTIFICATE


@pytest.mark.parametrize(
    ("identifier", "value"),
    [
        (AAGUID_OID, AAGUID),
        (AAGUID_OID, tlv(0x05, AAGUID)),
        (AAGUID_OID, tlv(0x04, AAGUID) + b"\0"),
        (SERIAL, number(1)),
        (FIRMWARE, tlv(0x04, b"1")),
        (FIRMWARE, tlv(0x02, b"\0\1")),
        (BASIC, b""),
        (BASIC, seq(number(0), number(0))),
        (BASIC, seq(number(-1))),
    ],
)
def test_extensions_of_another_form(identifier, value):
    registration = Registration()
    statement = basic_statement(registration, leaf(replace={identifier: (identifier, False, value)}))
    code = Code.CERTIFICATE if value == seq(number(-1)) else Code.DER
    registration.malformed("packed", statement, ".x5c[0]", code)


def test_a_subject_that_cannot_be_read():
    registration = Registration()
    statement = basic_statement(registration, leaf(subject=seq(number(1))))
    registration.malformed("packed", statement, ".x5c[0]", Code.DER)


@pytest.mark.parametrize(
    "parts",
    [
        {"replace": {FIRMWARE: (FIRMWARE, False, number(0)), SERIAL: (SERIAL, False, tlv(0x04, b"1"))}},
        # an octet string is no number
        {"replace": {SERIAL: (SERIAL, False, tlv(0x04, b"\xff\xff"))}},
        {"subject": subject(C="AA")},
        {"subject": subject(C="UK")},
        {"subject": name((C, "SE"), (O, "M"), (OU, "Other"), (OU, "Authenticator Attestation"), (CN, "1"))},
        {"subject": name((C, "SE"), (O, "M"), (OU, "Authenticator Attestation"), (CN, "1"), string=0x13)},
        {"subject": name((C, "SE"), (O, "M"), (OU, "Authenticator Attestation"), (CN, "1"), string=0x14)},
        # DEFAULT FALSE written out, as in some TPM certificates
        {"replace": {BASIC: (BASIC, True, seq(b"\x01\x01\x00"))}},
    ],
)
def test_certificates_that_are_odd_but_fine(parts):
    registration = Registration()
    registration.verify("packed", basic_statement(registration, leaf(**parts)))


def test_named_waivers():
    registration = Registration()
    without_unit = basic_statement(registration, leaf(subject=subject(OU=None)))
    registration.verify("packed", without_unit, packed_subject=False)
    without_constraints = basic_statement(registration, leaf(replace={BASIC: None}))
    registration.verify("packed", without_constraints, explicit_basic_constraints=False)
    authority = basic_statement(registration, leaf(replace={BASIC: basic(True)}))
    registration.refused("packed", authority, "certificate authority", explicit_basic_constraints=False)


def test_a_leaf_that_is_not_the_first():
    registration = Registration()
    statement = basic_statement(registration, root(), leaf())
    registration.refused("packed", statement, "does not verify")


def test_a_chain_as_long_as_may_be():
    registration = Registration()
    statement = basic_statement(registration, leaf(), *[root()] * 11)
    assert len(registration.verify("packed", statement).trust_path) == 12


def test_weak_certificate_key():
    weak = rsa.generate_private_key(65537, 1024)
    registration = Registration()
    statement = {"alg": -257, "sig": sign(weak, registration.signed), "x5c": [leaf(weak)]}
    registration.malformed("packed", statement, ".x5c[0]", Code.CERTIFICATE)


def test_the_leaf_name_is_what_the_tests_say():
    assert subject() == LEAF_NAME
