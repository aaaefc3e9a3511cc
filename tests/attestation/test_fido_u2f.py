"""FIDO U2F: every rule of section 8.6, one fault at a time."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.ceremonies import AAGUID, CREDENTIAL, ED25519, LEAF, OTHER, P384, RSA, Registration, leaf, root
from certificates.writing import NOW, seq, sign, tlv
from unlatch.attestation.anchors import TrustAnchors
from unlatch.attestation.policy import AttestationPolicy
from unlatch.codes import Code
from unlatch.crypto.certificates import parse_certificate
from unlatch.errors import AttestationRefused
from unlatch.terms import ZERO_AAGUID, AttestationType, TrustVerdict


def message(registration: Registration, **changed: bytes) -> bytes:
    numbers = CREDENTIAL.public_key().public_numbers()
    parts = {
        "reserved": b"\x00",
        "rp": registration.authenticator_data.rp_id_hash,
        "hash": registration.client_data_hash,
        "id": b"i" * 32,
        "point": b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big"),
    }
    return b"".join((parts | changed).values())


def statement(registration: Registration, key: Any = LEAF, **changed: bytes) -> dict[str, Any]:
    return {"sig": sign(key, message(registration, **changed)), "x5c": [leaf(key)]}


def test_sound_statements():
    registration = Registration(aaguid=bytes(16))
    made = statement(registration)
    result = registration.verify("fido-u2f", made, u2f_zero_aaguid=True)
    assert (result.type, list(result.trust_path)) == (AttestationType.BASIC_OR_ATTCA, made["x5c"])


def test_the_aaguid_is_a_policy():
    registration = Registration()
    registration.verify("fido-u2f", statement(registration))
    registration.refused("fido-u2f", statement(registration), "no AAGUID", u2f_zero_aaguid=True)


def test_nobody_signs_the_model():
    """Section 8.6: the signed message has no AAGUID, so the client may have written any."""

    def assess(aaguid: bytes, **policy: Any) -> TrustVerdict:
        registration = Registration(aaguid=aaguid)
        result = registration.verify("fido-u2f", statement(registration))
        attested = registration.authenticator_data.attested
        judge = AttestationPolicy(**{"conveyance": "direct", "anchors": [root()], **policy})
        return judge.assess("fido-u2f", result, attested, now=NOW).trust

    assert assess(AAGUID) is assess(ZERO_AAGUID) is TrustVerdict.ANCHORED
    for models in ([AAGUID, ZERO_AAGUID], [AAGUID]):
        of_models = {"anchors": [TrustAnchors(certificates=[root()], aaguids=models)]}
        for policy, code in (
            ({"permitted_aaguids": models}, Code.AAGUID_NOT_ALLOWED),
            (of_models, Code.ATTESTATION_NOT_TRUSTED),
        ):
            with pytest.raises(AttestationRefused) as caught:
                assess(AAGUID, **policy)
            assert caught.value.code is code
            if ZERO_AAGUID in models:
                assert assess(ZERO_AAGUID, **policy) is TrustVerdict.ANCHORED


@pytest.mark.parametrize(
    "changed",
    [{"reserved": b"\x05"}, {"rp": bytes(32)}, {"hash": bytes(32)}, {"id": b"i" * 31}, {"point": b"\x04" + bytes(64)}],
)
def test_every_part_of_the_message_is_signed(changed):
    registration = Registration()
    refused = registration.refused("fido-u2f", statement(registration, **changed), "does not verify")
    assert refused.code is Code.ATTESTATION_SIGNATURE


def test_the_signature_of_packed_is_another():
    registration = Registration()
    made = statement(registration) | {"sig": sign(LEAF, registration.signed)}
    registration.refused("fido-u2f", made, "does not verify")


@pytest.mark.parametrize("key", [OTHER, CREDENTIAL])
def test_signature_by_another_key(key):
    registration = Registration()
    made = statement(registration, key) | {"x5c": [leaf()]}
    registration.refused("fido-u2f", made, "does not verify")


@pytest.mark.parametrize("key", [P384, RSA[0], ED25519])
def test_certificate_keys_other_than_p256(key):
    registration = Registration()
    registration.refused("fido-u2f", statement(registration, key), "does not verify")


@pytest.mark.parametrize(("key", "algorithm"), [(P384, -35), (RSA[0], -257), (ED25519, -8), (CREDENTIAL, -9)])
def test_credentials_other_than_es256(key, algorithm):
    registration = Registration(key, algorithm)
    refused = registration.refused("fido-u2f", statement(registration), "ES256")
    assert refused.code is Code.ATTESTATION_KEY_MISMATCH


def test_early_certificates_count_unused_bits():
    registration = Registration()
    made = statement(registration)
    found = parse_certificate(made["x5c"][0], "")
    odd = seq(found.tbs, found.signature_algorithm, tlv(0x03, b"\x03" + found.signature))
    assert registration.verify("fido-u2f", made | {"x5c": [odd]}).trust_path == (odd,)
    packed = {"alg": -7, "sig": sign(LEAF, registration.signed), "x5c": [odd]}
    registration.malformed("packed", packed, ".x5c[0]", Code.CERTIFICATE)
    registration.malformed("fido-u2f", made | {"x5c": [odd, odd]}, ".x5c[1]", Code.CERTIFICATE)


@pytest.mark.parametrize("more", [[], [root()] * 2])
def test_exactly_one_certificate(more):
    registration = Registration()
    registration.malformed("fido-u2f", statement(registration) | {"x5c": more}, ".x5c")


@pytest.mark.parametrize("change", [{"alg": -7}, {"sig": None}, {"x5c": None}])
def test_shapes(change):
    registration = Registration()
    path = "" if "alg" in change else f".{next(iter(change))}"
    registration.malformed("fido-u2f", statement(registration) | change, path)
    made = statement(registration)
    del made["sig"]
    registration.malformed("fido-u2f", made, "")
