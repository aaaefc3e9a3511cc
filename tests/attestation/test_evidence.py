"""What a refusal of a statement tells the log: what was expected, what was received, and where it stood."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from attestation import test_android_key as android_key
from attestation import test_android_safetynet as safetynet
from attestation import test_apple as apple
from attestation import test_fido_u2f as u2f
from attestation import test_tpm as tpm
from attestation.ceremonies import AAGUID, AAGUID_OID, CREDENTIAL, LEAF, OTHER, P384, Registration, leaf
from certificates.writing import CN, NOW, OU, C, O, name, number, seq, sign, tlv
from unlatch.attestation.formats import FORMATS
from unlatch.attestation.packed import FIRMWARE_EXTENSION
from unlatch.attestation.policy import AttestationPolicy
from unlatch.attestation.rules import StatementRules
from unlatch.codes import Code
from unlatch.errors import AttestationRefused, Malformed
from unlatch.wire.authenticator_data import decode_authenticator_data

_OTHER_HASH = bytes(32)


def packed(registration: Registration, **parts: Any) -> dict[str, Any]:
    return {"alg": -7, "sig": sign(LEAF, registration.signed), "x5c": [leaf(**parts)]}


MAKERS = {
    "packed": packed,
    "tpm": tpm.statement,
    "android-key": android_key.statement,
    "android-safetynet": safetynet.statement,
    "fido-u2f": u2f.statement,
    "apple": apple.statement,
}


@pytest.mark.parametrize(
    ("statement_format", "member"),
    [(statement_format, member) for statement_format, make in MAKERS.items() for member in make(Registration())],
)
def test_a_member_of_another_type_is_named(statement_format, member):
    registration = Registration()
    made = MAKERS[statement_format](registration)
    if (statement_format, member) == ("tpm", "ver"):  # text is compared, whatever it is
        assert registration.refused("tpm", {**made, "ver": 2}, "version").received == 2
    else:
        registration.malformed(statement_format, {**made, member: {}}, f".{member}")
    surplus = {**made, "surplus": 1}
    assert registration.malformed(statement_format, surplus, "").detail == "missing or surplus members ['surplus']"
    del made[member]
    if (statement_format, member) != ("packed", "x5c"):
        error = registration.malformed(statement_format, made, "")
        assert error.detail == f"missing or surplus members ['{member}']"


def test_authenticator_data_without_a_credential():
    registration = Registration()
    made = packed(registration)
    nothing = decode_authenticator_data(bytes(37), "")
    with pytest.raises(Malformed) as caught:
        FORMATS["packed"](made, nothing, registration.client_data_hash, rules=StatementRules())
    assert (caught.value.code, caught.value.path) == (
        Code.AUTHENTICATOR_DATA,
        "response.attestationObject.authData",
    )


@pytest.mark.parametrize("statement_format", [each for each in MAKERS if each != "android-safetynet"])
def test_a_certificate_is_named_by_its_place(statement_format):
    registration = Registration()
    made = MAKERS[statement_format](registration)
    first = made["x5c"][0]
    if statement_format != "fido-u2f":
        registration.malformed(statement_format, {**made, "x5c": [first, 5]}, ".x5c[1]")
        registration.malformed(statement_format, {**made, "x5c": [first, b"\x30\x00"]}, ".x5c[1]", Code.DER)
    registration.malformed(statement_format, {**made, "x5c": [first[:-1]]}, ".x5c[0]", Code.DER)


def evidence(statement_format: str, statement: Any, registration: Registration, **rules: Any) -> tuple[Any, Any]:
    with pytest.raises(AttestationRefused) as caught:
        registration.verify(statement_format, statement, **rules)
    return caught.value.expected, caught.value.received


def test_android_key():
    registration = Registration()
    hash_ = registration.client_data_hash

    def of(software: bytes, hardware: bytes, **rules: Any) -> tuple[Any, Any]:
        return evidence("android-key", android_key.lists(registration, software, hardware), registration, **rules)

    other = android_key.statement(registration, android_key.description(_OTHER_HASH))
    assert evidence("android-key", other, registration) == (hash_, _OTHER_HASH)
    empty = android_key.EMPTY
    sound = android_key.SOUND
    assert of(empty, sound, android_key_security_level=2) == ("at least 2", (1, 1))
    imported = android_key.seq(android_key.purpose(2), android_key.origin(2))
    assert of(empty, imported) == (0, {2})
    assert of(empty, android_key.seq(android_key.origin(0), android_key.purpose(2, 1))) == ({2}, {1, 2})
    key_mismatch = android_key.statement(registration, key=OTHER)
    assert evidence("android-key", key_mismatch, registration) == (None, None)


_PADDED = tlv(0x02, b"\0\1")


@pytest.mark.parametrize(
    "value",
    [
        number(1),
        seq(tlv(0x04)),
        seq(number(3), tlv(0x04)),
        seq(number(3), tlv(0x0A, b"\0\1")),
        seq(number(3), number(1), number(4), tlv(0x0A, b"\0\1")),
        seq(number(3), number(1), number(4), number(1), tlv(0x04), tlv(0x04), seq(number(1)), seq()),
        seq(number(3), number(1), number(4), number(1), tlv(0x04), tlv(0x04), seq(), seq(number(1))),
        *(
            seq(number(3), number(1), number(4), number(1), tlv(0x04), tlv(0x04), *lists)
            for odd in (
                android_key.entry(1, number(2)),
                android_key.entry(1, tlv(0x31, tlv(0x0A))),
                android_key.entry(1, tlv(0x31, _PADDED)),
                android_key.entry(702, tlv(0x04)),
                android_key.entry(702, _PADDED),
                android_key.origin(0) + android_key.origin(0),
            )
            for lists in ((seq(odd), seq()), (seq(), seq(odd)))
        ),
        seq(number(3), number(1), number(4), number(1), tlv(0x04), tlv(0x04), seq(), seq(), number(1)),
    ],
)
def test_a_key_description_that_is_none_stands_in_the_certificate(value):
    registration = Registration()
    registration.malformed("android-key", android_key.statement(registration, value), ".x5c[0]", Code.DER)


@pytest.mark.parametrize(
    "parts",
    [
        {"subject": seq(number(1))},
        {"replace": {FIRMWARE_EXTENSION: (FIRMWARE_EXTENSION, False, _PADDED)}},
        {"replace": {FIRMWARE_EXTENSION: (FIRMWARE_EXTENSION, False, b"")}},
        {"replace": {AAGUID_OID: (AAGUID_OID, False, number(1))}},
    ],
)
def test_what_is_wrong_in_a_packed_certificate_stands_in_it(parts):
    registration = Registration()
    registration.malformed("packed", packed(registration, **parts), ".x5c[0]", Code.DER)


def test_apple():
    registration = Registration()
    other = apple.statement(registration, apple.nonce(_OTHER_HASH))
    assert evidence("apple", other, registration) == (registration.nonce, _OTHER_HASH)
    assert evidence("apple", {**apple.statement(registration), "alg": -257}, registration) == (-7, -257)


def test_fido_u2f():
    registration = Registration()
    made = u2f.statement(registration)
    assert evidence("fido-u2f", made, registration, u2f_zero_aaguid=True) == (None, AAGUID)
    assert evidence("fido-u2f", made, Registration(P384, -35)) == (None, -35)


def test_packed():
    registration = Registration()
    own = {"alg": -257, "sig": b"x"}
    assert evidence("packed", own, registration) == (-7, -257)
    assert evidence("packed", {**own, "alg": -65535}, registration) == (None, -65535)
    assert evidence("packed", packed(registration, version=1, extensions=[]), registration) == (3, 1)
    other = leaf(replace={AAGUID_OID: (AAGUID_OID, False, tlv(0x04, bytes(16)))})
    assert evidence("packed", {**packed(registration), "x5c": [other]}, registration) == (AAGUID, bytes(16))
    unit = "Authenticator Attestation"
    subject = name((C, "OO"), (O, "Maker"), (OU, unit), (CN, "Model"))
    assert evidence("packed", packed(registration, subject=subject), registration) == (None, ("OO",))
    assert evidence("packed", packed(registration, subject=name((O, "Maker"))), registration) == (None, ())
    subject = name((C, "SE"), (O, "Maker"), (CN, "Model"))
    assert evidence("packed", packed(registration, subject=subject), registration) == (unit, ())
    subject = name((C, "SE"), (O, "Maker"), (OU, "Unit"), (CN, "Model"))
    assert evidence("packed", packed(registration, subject=subject), registration) == (unit, ("Unit",))


def test_android_safetynet():
    registration = Registration()

    def of(**parts: Any) -> tuple[Any, Any]:
        return evidence("android-safetynet", safetynet.statement(registration, **parts), registration)

    assert of(header={"alg": "none"}) == (None, "none")
    nonce = base64.b64encode(registration.nonce).decode()
    assert of(payload={"nonce": "AA=="}) == (nonce, "AA==")
    assert of(chain=[safetynet.certificate("other.example")]) == ("attest.android.com", ("other.example",))


def test_tpm():
    registration = Registration()
    made = tpm.statement(registration)
    assert evidence("tpm", {**made, "ver": "1.2"}, registration) == ("2.0", "1.2")
    signed = hashlib.sha256(registration.signed).digest()
    info = tpm.certify_info(_OTHER_HASH, tpm.object_name(tpm.public_area(CREDENTIAL)))
    assert evidence("tpm", tpm.statement(registration, info=info), registration) == (signed, _OTHER_HASH)
    area = tpm.public_area(CREDENTIAL, attributes=2)
    assert evidence("tpm", tpm.statement(registration, area=area), registration) == (None, "0x00000002")
    area = tpm.public_area(CREDENTIAL, scheme=b"\x00\x1a\x00\x0b")
    assert evidence("tpm", tpm.statement(registration, area=area), registration) == (None, (0x10, 0x1A))
    area = tpm.public_area(CREDENTIAL, name_alg=0x12)
    assert evidence("tpm", tpm.statement(registration, area=area), registration) == (None, 0x12)
    area = tpm.public_area(CREDENTIAL)
    info = tpm.certify_info(signed, b"\x00\x0b" + _OTHER_HASH)
    assert evidence("tpm", tpm.statement(registration, info=info), registration) == (
        tpm.object_name(area),
        b"\x00\x0b" + _OTHER_HASH,
    )
    for manufacturer, known in (("INTC", None), ("id:00000000", {"id:494E5443"})):
        certificate = tpm.aik(**tpm.replaced(tpm.alternative(tlv(0xA4, tpm.tpm_name(manufacturer)))))
        made = tpm.statement(registration, certificate=certificate)
        assert evidence("tpm", made, registration, tpm_manufacturers=known) == (known, (manufacturer,))


def test_compound():
    registration = Registration()
    made = [{"fmt": "packed", "attStmt": packed(registration)}, {"fmt": "fido-u3f", "attStmt": {}}]
    assert evidence("compound", made, registration) == (None, "fido-u3f")


def test_policy():
    registration = Registration()
    attested = registration.authenticator_data.attested

    def judge(policy: AttestationPolicy) -> None:
        result = policy.procedure("packed")(
            packed(registration), registration.authenticator_data, registration.client_data_hash, rules=policy.rules
        )
        policy.assess("packed", result, attested, now=NOW)

    def of(policy: AttestationPolicy) -> tuple[Any, Any]:
        with pytest.raises(AttestationRefused) as caught:
            judge(policy)
        return caught.value.expected, caught.value.received

    assert of(AttestationPolicy(formats=["tpm", "none"])) == (["none", "tpm"], "packed")
    assert of(AttestationPolicy(forbidden_aaguids=[AAGUID])) == (None, AAGUID)
    assert of(AttestationPolicy(permitted_types=["self", "basic"])) == (["basic", "self"], "basic-or-attca")


def test_a_signature_that_does_not_verify_tells_the_key():
    registration = Registration()
    error = registration.refused("packed", {**packed(registration), "sig": b"x"}, "does not verify as ES256 with a ")
    assert error.detail.endswith(type(LEAF.public_key()).__name__)
