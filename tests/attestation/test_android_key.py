"""Android Key: every rule of section 8.4, one fault at a time."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.ceremonies import CREDENTIAL, OTHER, P384, RSA, Registration, leaf, root
from certificates.writing import boolean, number, seq, sign, tlv
from unlatch.attestation.rules import StatementRules
from unlatch.codes import Code
from unlatch.errors import Misconfigured
from unlatch.terms import AttestationType

OID = "1.3.6.1.4.1.11129.2.1.17"


def tag(value: int) -> bytes:
    """[value] in the constructed form."""
    if value < 31:
        return bytes((0xA0 | value,))
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.insert(0, value & 0x7F | 0x80)
    return bytes((0xBF, *groups))


def entry(value: int, content: bytes) -> bytes:
    return tlv(tag(value), content)


def purpose(*values: int) -> bytes:
    return entry(1, tlv(0x31, *map(number, values)))


def origin(value: int) -> bytes:
    return entry(702, number(value))


ALL_APPLICATIONS = entry(600, b"\x05\x00")
SOUND = seq(purpose(2), entry(2, number(3)), entry(503, b"\x05\x00"), origin(0), entry(705, number(0)))
EMPTY = seq()


def description(challenge: bytes, software: bytes = EMPTY, hardware: bytes = SOUND, *, level: int = 0x0A) -> bytes:
    return seq(
        number(3), tlv(level, b"\x01"), number(4), tlv(level, b"\x01"),
        tlv(0x04, challenge), tlv(0x04), software, hardware,
    )  # fmt: skip


def statement(
    registration: Registration, value: bytes | None = None, *more: bytes, key: Any = None, **parts: Any
) -> dict[str, Any]:
    key = registration.key if key is None else key
    value = description(registration.client_data_hash) if value is None else value
    certificate = leaf(key, extensions=[(OID, False, value)], **parts)
    return {"alg": -7, "sig": sign(key, registration.signed), "x5c": [certificate, *more]}


def lists(registration: Registration, software: bytes, hardware: bytes) -> dict[str, Any]:
    return statement(registration, description(registration.client_data_hash, software, hardware))


def test_sound_statements():
    registration = Registration()
    made = statement(registration, None, root())
    result = registration.verify("android-key", made)
    assert (result.type, list(result.trust_path)) == (AttestationType.BASIC, made["x5c"])
    registration.verify("android-key", lists(registration, SOUND, EMPTY))
    registration.verify("android-key", lists(registration, seq(purpose(2)), seq(origin(0))))
    registration.verify("android-key", lists(registration, SOUND, SOUND))
    integer_levels = description(registration.client_data_hash, level=0x02)
    registration.verify("android-key", statement(registration, integer_levels))


def test_an_rsa_key():
    registration = Registration(RSA[0])
    registration.verify("android-key", statement(registration) | {"alg": -257})


@pytest.mark.parametrize(
    ("software", "hardware", "detail"),
    [
        (seq(ALL_APPLICATIONS), SOUND, "all applications"),
        (EMPTY, seq(purpose(2), ALL_APPLICATIONS, origin(0)), "all applications"),
        (EMPTY, EMPTY, "origin"),
        (EMPTY, seq(purpose(2)), "origin"),
        (EMPTY, seq(purpose(2), origin(2)), "origin"),
        (seq(origin(1)), SOUND, "origin"),
        (EMPTY, seq(purpose(2), origin(-1)), "origin"),
        (EMPTY, seq(origin(0)), "purposes"),
        (EMPTY, seq(purpose(), origin(0)), "purposes"),
        (EMPTY, seq(purpose(3), origin(0)), "purposes"),
        (EMPTY, seq(purpose(2, 3), origin(0)), "purposes"),
        (seq(purpose(3)), SOUND, "purposes"),
        # an unknown tag in front hides nothing
        (EMPTY, seq(entry(5000, number(0)), purpose(2), origin(2)), "origin"),
        (seq(entry(40, number(0)), entry(5000, b""), ALL_APPLICATIONS), SOUND, "all applications"),
    ],
)
def test_authorizations_that_are_refused(software, hardware, detail):
    registration = Registration()
    refused = registration.refused("android-key", lists(registration, software, hardware), detail)
    assert refused.code is Code.ATTESTATION_INVALID


def test_unknown_tags_are_read_over():
    registration = Registration()
    hardware = seq(entry(0, b""), purpose(2), entry(599, b"\x05\x00"), entry(601, b""), origin(0), entry(99999, b""))
    registration.verify("android-key", lists(registration, EMPTY, hardware))


def test_hardware_only():
    registration = Registration()
    registration.verify("android-key", lists(registration, EMPTY, SOUND), android_key_hardware_only=True)
    for software, hardware in ((SOUND, EMPTY), (seq(purpose(2)), seq(origin(0))), (seq(origin(0)), seq(purpose(2)))):
        made = lists(registration, software, hardware)
        registration.verify("android-key", made)
        registration.refused("android-key", made, "the key's", android_key_hardware_only=True)


def test_absent_lists_are_a_named_waiver():
    registration = Registration()
    made = lists(registration, EMPTY, EMPTY)
    registration.verify("android-key", made, android_key_absent_lists=True)
    for half in (seq(origin(0)), seq(purpose(2))):
        registration.refused(
            "android-key", lists(registration, EMPTY, half), "the key's", android_key_absent_lists=True
        )


def test_another_ceremony():
    registration = Registration()
    made = statement(registration, description(bytes(32)))
    registration.refused("android-key", made, "another ceremony")


def test_another_key():
    registration = Registration()
    refused = registration.refused("android-key", statement(registration, key=OTHER), "another key")
    assert refused.code is Code.ATTESTATION_KEY_MISMATCH
    made = statement(registration, key=P384) | {"alg": -35, "sig": sign(P384, registration.signed, "sha384")}
    registration.refused("android-key", made, "another key")
    made = statement(registration, key=RSA[0]) | {"alg": -257}
    registration.refused("android-key", made, "another key")


def test_signature_by_another_key():
    registration = Registration()
    made = statement(registration) | {"sig": sign(OTHER, registration.signed)}
    registration.refused("android-key", made, "does not verify")
    registration.refused("android-key", statement(registration) | {"alg": -257}, "does not verify")


def test_certificates_in_wrong_order():
    registration = Registration()
    made = statement(registration, None, root())
    made["x5c"].reverse()
    registration.refused("android-key", made, "does not verify")


def test_no_description():
    registration = Registration()
    made = statement(registration) | {"x5c": [leaf(CREDENTIAL)]}
    refused = registration.refused("android-key", made, "does not describe")
    assert refused.code is Code.ATTESTATION_CERTIFICATE


def test_a_description_above_the_leaf():
    registration = Registration()
    above = leaf(OTHER, extensions=[(OID, False, description(bytes(32)))])
    registration.refused("android-key", statement(registration, None, above), "above")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        seq(),
        description(b"") + b"\0",
        seq(number(1)),
        seq(boolean(True)),
        seq(number(3), number(1), number(4), number(1), tlv(0x03, b"\0"), tlv(0x04), EMPTY, EMPTY),
        seq(number(3), number(1), number(4), number(1), tlv(0x04, b"\0"), tlv(0x04), EMPTY, EMPTY, EMPTY),
        seq(number(3), number(1), number(4), number(1), tlv(0x04, b"\0"), tlv(0x04), EMPTY),
        seq(number(3), number(1), number(4), boolean(True), tlv(0x04, b"\0"), tlv(0x04), EMPTY, EMPTY),
        seq(number(3), tlv(0x02, b"\0\1"), number(4), number(1), tlv(0x04, b"\0"), tlv(0x04), EMPTY, EMPTY),
        seq(number(3), number(1), number(4), tlv(0x0A, b""), tlv(0x04, b"\0"), tlv(0x04), EMPTY, EMPTY),
        description(b"", software=seq(number(0))),
        description(b"", hardware=seq(entry(1, tlv(0x31, tlv(0x02, b"\0\2"))))),
        description(b"", hardware=seq(origin(0), origin(0))),
        description(b"", hardware=seq(number(0))),
        description(b"", hardware=seq(tlv(b"\x9f\x85\x3e", b"\0"))),
        description(b"", hardware=seq(entry(702, tlv(0x04, b"\0")))),
        description(b"", hardware=seq(entry(702, b"\x02\x00"))),
        description(b"", hardware=seq(entry(702, b"\x02\x02\x00\x00"))),
        description(b"", hardware=seq(entry(702, number(0) + number(0)))),
        description(b"", hardware=seq(entry(1, seq(number(2))))),
        description(b"", hardware=seq(entry(1, tlv(0x31, boolean(True))))),
        description(b"", hardware=seq(b"\xbf\x80\x01\x00")),
        description(b"", hardware=seq(b"\xbf\x1e\x00")),
        description(b"", hardware=seq(b"\xbf\xff\xff\xff\xff\xff\x01\x00")),
        description(b"", hardware=seq(b"\xbf\x85")),
    ],
)
def test_descriptions_that_cannot_be_read(value):
    registration = Registration()
    registration.malformed("android-key", statement(registration, value), ".x5c[0]", Code.DER)


@pytest.mark.parametrize("member", ["alg", "sig", "x5c"])
def test_missing_members(member):
    registration = Registration()
    made = statement(registration)
    registration.malformed("android-key", made | {member: "text"}, f".{member}")
    del made[member]
    registration.malformed("android-key", made, "")


@pytest.mark.parametrize(
    ("values", "rule", "accepted"),
    [((2, 3), True, True), ((2, 3), False, False), ((3,), True, False), ((2, 1), True, False), ((2,), True, True)],
)
def test_a_key_for_verifying_too_needs_a_rule(values, rule, accepted):
    registration = Registration()
    made = lists(registration, EMPTY, seq(purpose(*values), origin(0)))
    if accepted:
        registration.verify("android-key", made, android_key_verify_purpose=rule)
    else:
        registration.refused("android-key", made, "purposes", android_key_verify_purpose=rule)


@pytest.mark.parametrize(
    ("levels", "least", "accepted"),
    [
        ((0, 0), 0, True),
        ((1, 1), 1, True),
        ((2, 1), 1, True),
        ((0, 1), 1, False),
        ((1, 0), 1, False),
        ((1, 2), 2, False),
        ((2, 2), 2, True),
    ],
)
def test_the_least_security_level(levels, least, accepted):
    registration = Registration()
    attested_in, kept_in = (tlv(0x0A, bytes((level,))) for level in levels)
    fields = (number(200), attested_in, number(200), kept_in, tlv(0x04, registration.client_data_hash), tlv(0x04))
    made = statement(registration, seq(*fields, EMPTY, SOUND))
    if accepted:
        registration.verify("android-key", made, android_key_security_level=least)
    else:
        registration.refused("android-key", made, "security levels", android_key_security_level=least)


@pytest.mark.parametrize("level", [-1, 3, True, "1", None])
def test_levels_that_do_not_exist(level):
    with pytest.raises(Misconfigured, match="security_level"):
        StatementRules(android_key_security_level=level)


def test_a_security_level_of_another_type():
    registration = Registration()
    level = tlv(0x04, b"\x01")
    fields = (number(3), level, number(4), level, tlv(0x04, registration.client_data_hash), tlv(0x04))
    registration.malformed("android-key", statement(registration, seq(*fields, EMPTY, SOUND)), ".x5c[0]", Code.DER)
