"""SafetyNet: every rule of section 8.5, one fault at a time; its age, which only a policy judges."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes

from attestation.ceremonies import LEAF, OTHER, RSA, Registration, leaf, root, rs256
from certificates.writing import CN, NOW, SAN, name, seq, sign, tlv
from unlatch.attestation.policy import AttestationPolicy
from unlatch.attestation.rules import StatementRules
from unlatch.codes import Code
from unlatch.errors import AttestationRefused, Malformed
from unlatch.terms import AttestationType, TrustVerdict

HOST = "attest.android.com"


def b64u(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def certificate(host: str = HOST, **parts: Any) -> bytes:
    return leaf(RSA[0], subject=name((CN, host)), **parts)


def statement(
    registration: Registration,
    *,
    chain: Any = None,
    header: dict[str, Any] | None = None,
    payload: dict[str, Any] | None = None,
    key: Any = RSA[0],
    **changed: Any,
) -> dict[str, Any]:
    chain = [certificate(), root()] if chain is None else chain
    head = {"alg": "RS256", "x5c": [base64.b64encode(item).decode() for item in chain]} | (header or {})
    body = {
        "nonce": base64.b64encode(registration.nonce).decode(),
        "timestampMs": int(NOW.timestamp() * 1000),
        "ctsProfileMatch": True,
        "basicIntegrity": True,
    } | (payload or {})
    signed = b".".join(b64u(json.dumps(part).encode()) for part in (head, body))
    signature = rs256(key, signed) if key in RSA else sign(key, signed)
    return {"ver": "14799021", "response": signed + b"." + b64u(signature)} | changed


def test_sound_statements():
    registration = Registration()
    chain = [certificate(), root()]
    result = registration.verify("android-safetynet", statement(registration, chain=chain))
    assert result.type is AttestationType.BASIC
    assert result.trust_path == tuple(chain)
    assert result.signed_at == NOW
    without = statement(registration, payload={"timestampMs": None})
    assert registration.verify("android-safetynet", without).signed_at is None


def test_the_host_may_stand_in_the_alternative_name():
    registration = Registration()
    alternative = (SAN, False, seq(tlv(0xA4, name()), tlv(0x82, HOST.encode())))
    made = statement(registration, chain=[certificate("other", extensions=[alternative])])
    registration.verify("android-safetynet", made)


@pytest.mark.parametrize(
    "names", [(SAN, False, seq(tlv(0x82, b"attest.android.com.evil.example"))), (SAN, False, seq(tlv(0x82, b"\xff")))]
)
def test_another_host(names):
    registration = Registration()
    made = statement(registration, chain=[certificate("evil.example", extensions=[names])])
    refused = registration.refused("android-safetynet", made, "another host")
    assert refused.code is Code.ATTESTATION_CERTIFICATE


@pytest.mark.parametrize("match", [False, None, "true", 1])
def test_a_device_without_a_certified_profile(match):
    registration = Registration()
    made = statement(registration, payload={"ctsProfileMatch": match})
    registration.refused("android-safetynet", made, "certified profile")
    assert StatementRules.conformance().safetynet_profile
    assert registration.verify("android-safetynet", made, safetynet_profile=False).type == "basic"


def test_without_the_rule_about_profiles_everything_else_is_verified():
    registration = Registration()
    made = statement(registration, payload={"ctsProfileMatch": False})
    other = Registration(client_data_hash=bytes(32))
    other.refused("android-safetynet", made, "another ceremony", safetynet_profile=False)
    forged = statement(registration, payload={"ctsProfileMatch": False}, key=RSA[1])
    registration.refused("android-safetynet", forged, "does not verify", safetynet_profile=False)


def test_another_ceremony():
    registration = Registration()
    made = statement(registration)
    Registration(client_data_hash=bytes(32)).refused("android-safetynet", made, "another ceremony")
    registration.refused("android-safetynet", statement(registration, payload={"nonce": "é"}), "another ceremony")


@pytest.mark.parametrize("key", [RSA[1], LEAF])
def test_signature_by_another_key(key):
    registration = Registration()
    registration.refused("android-safetynet", statement(registration, key=key), "does not verify")


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "ES256"}, {"alg": 1}, {"alg": None}, {"crit": ["exp"]}])
def test_signatures_that_cannot_be_verified(header):
    registration = Registration()
    registration.refused("android-safetynet", statement(registration, header=header), "cannot be verified")


def test_the_algorithm_is_bound_to_the_certificates_key():
    registration = Registration()
    made = statement(registration, chain=[leaf(OTHER, subject=name((CN, HOST)))], key=OTHER)
    registration.refused("android-safetynet", made, "does not verify")


def test_other_hashes():
    registration = Registration()
    made = statement(registration, header={"alg": "RS512"})
    signed = made["response"].rpartition(b".")[0]
    made["response"] = signed + b"." + b64u(rs256(RSA[0], signed, hashes.SHA512()))
    registration.verify("android-safetynet", made)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"ver": ""}, ".ver"),
        ({"ver": 1}, ".ver"),
        ({"response": b""}, ".response"),
        ({"response": "text"}, ".response"),
        ({"response": b"a.b"}, ".response"),
        ({"response": b"a.b.c.d"}, ".response"),
        ({"extra": 1}, ""),
    ],
)
def test_shapes(change, path):
    registration = Registration()
    registration.malformed("android-safetynet", statement(registration) | change, path)


@pytest.mark.parametrize(
    "change",
    [
        {"header": {"x5c": []}},
        {"header": {"x5c": None}},
        {"header": {"x5c": [1]}},
        {"header": {"x5c": ["!"]}},
        {"header": {"x5c": ["é"]}},
        {"header": {"x5c": ["AAAA"]}},
        {"header": {"x5c": ["AAAA"] * 13}},
        {"payload": {"nonce": None}},
        {"payload": {"nonce": 1}},
        {"payload": {"timestampMs": "1"}},
        {"payload": {"timestampMs": 1.5}},
        {"payload": {"timestampMs": True}},
        {"payload": {"timestampMs": 10**30}},
        {"payload": {"timestampMs": -(10**17)}},
        {"response": b"e30.e30.\xff"},
        {"response": b"e30.W10.AAAA"},
        {"response": b"e30.e30=.AAAA"},
        {"response": b"e30.e30.AAAA"},
    ],
)
def test_malformed_responses(change):
    registration = Registration()
    with pytest.raises(Malformed) as caught:
        registration.verify("android-safetynet", statement(registration, **change))
    assert caught.value.path.startswith("response.attestationObject.attStmt.response")


@pytest.mark.parametrize(
    ("age", "limit", "fresh"),
    [(60, 60, True), (61, 60, False), (-12, 60, True), (-13, 60, False), (10**6, None, True), (0, 60, True)],
)
def test_age_is_judged_by_the_policy(age, limit, fresh):
    registration = Registration()
    policy = AttestationPolicy(formats=["android-safetynet"], rules=StatementRules(safetynet_max_age=limit))
    result = registration.verify("android-safetynet", statement(registration))

    def assess() -> TrustVerdict:
        now = NOW + timedelta(seconds=age)
        attested = registration.authenticator_data.attested
        return policy.assess("android-safetynet", result, attested, now=now).trust

    if fresh:
        assert assess() is TrustVerdict.UNANCHORED
    else:
        with pytest.raises(AttestationRefused) as caught:
            assess()
        assert (caught.value.step, caught.value.detail) == ("attestation-trust", "the statement is not fresh")
        assert caught.value.received == str(timedelta(seconds=age))


def test_an_age_that_is_not_told():
    registration = Registration()
    result = registration.verify("android-safetynet", statement(registration, payload={"timestampMs": None}))
    attested = registration.authenticator_data.attested
    for limit in (None, 60):
        policy = AttestationPolicy(formats=["android-safetynet"], rules=StatementRules(safetynet_max_age=limit))
        if limit is None:
            assert policy.assess("android-safetynet", result, attested, now=NOW).trust is TrustVerdict.UNANCHORED
            continue
        with pytest.raises(AttestationRefused) as caught:
            policy.assess("android-safetynet", result, attested, now=NOW)
        assert (caught.value.detail, caught.value.received) == ("the statement is not fresh", None)


def test_off_by_default():
    with pytest.raises(AttestationRefused) as caught:
        AttestationPolicy().procedure("android-safetynet")
    assert (caught.value.code, caught.value.step) == (Code.FORMAT_NOT_SUPPORTED, "format")


def test_as_many_certificates_as_may_be():
    registration = Registration()
    chain = [certificate(), *[root()] * 11]
    assert len(registration.verify("android-safetynet", statement(registration, chain=chain)).chain) == 12
    registration.malformed("android-safetynet", statement(registration, chain=[*chain, root()]), ".response.x5c")


@pytest.mark.parametrize("junk", ["!", "\n", "=", "-_"])
def test_certificates_in_base64_with_junk(junk):
    registration = Registration()
    text = base64.b64encode(certificate()).decode()
    made = statement(registration, header={"x5c": [text[:8] + junk + text[8:]]})
    registration.malformed("android-safetynet", made, ".response.x5c[0]")


def test_parts_that_are_no_json():
    registration = Registration()
    head, body, signature = statement(registration)["response"].split(b".")
    for parts in ([b64u(b"{"), body, signature], [head, b64u(b"{"), signature]):
        made = {"ver": "1", "response": b".".join(parts)}
        registration.malformed("android-safetynet", made, ".response", Code.JSON)


def test_a_certificate_without_a_common_name():
    registration = Registration()
    nameless = leaf(RSA[0], subject=name())
    error = registration.refused("android-safetynet", statement(registration, chain=[nameless]), "another host")
    assert error.received == ()
    broken = leaf(RSA[0], subject=seq(tlv(0x31, seq())))
    registration.malformed("android-safetynet", statement(registration, chain=[broken]), ".response.x5c[0]", Code.DER)
