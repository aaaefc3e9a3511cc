"""Whatever stands in a statement: a result or one of our errors; and no changed byte goes unnoticed."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.writing import NOW
from unlatch.attestation.formats import FORMATS
from unlatch.attestation.policy import AttestationPolicy
from unlatch.attestation.rules import StatementRules
from unlatch.errors import AttestationRefused, Malformed, UnlatchError
from unlatch.wire import cbor
from unlatch.wire.attestation_object import AttestationObject
from unlatch.wire.responses import RegistrationResponse

FILE = json.loads((Path(__file__).parent.parent / "vectors" / "w3c.json").read_text())
RULES = StatementRules(android_key_absent_lists=True)
CURRENT = {
    vector["name"]: RegistrationResponse.from_json(vector["registration"]["response_json"])
    for vector in FILE["vectors"]
    if vector["status"] != "withdrawn" and vector["attestation_format"] != "none"
}
NAMES = st.sampled_from(sorted(CURRENT))
POLICY = AttestationPolicy(conveyance="direct", allow_unanchored=True, allow_self=True, rules=RULES)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.binary(max_size=40) | st.text(max_size=10)
    | st.floats(),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["alg", "sig", "x5c", "ver", "fmt", "attStmt", "certInfo", "pubArea", "response"])
                      | st.integers(0, 3), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


def verify(name: str, statement: Any, statement_format: str | None = None, **changed: Any):
    attestation: AttestationObject = CURRENT[name].attestation_object
    data = changed.get("data", attestation.authenticator_data)
    client_data_hash = changed.get("client_data_hash", CURRENT[name].client_data.hash)
    result = FORMATS[statement_format or attestation.format](statement, data, client_data_hash, rules=RULES)
    POLICY.assess(statement_format or attestation.format, result, attestation.attested, now=NOW)
    return result


def statement_of(name: str) -> dict[str, Any]:
    statement = CURRENT[name].attestation_object.statement
    assert isinstance(statement, dict)
    return dict(statement)


@pytest.mark.parametrize("name", sorted(CURRENT))
def test_the_untouched_statements_are_sound(name):
    verify(name, statement_of(name))


@settings(max_examples=400)
@given(NAMES, st.sampled_from(sorted(FORMATS)), VALUES)
def test_any_value_as_statement(name, statement_format, statement):
    try:
        verify(name, statement, statement_format)
    except (Malformed, AttestationRefused):
        return
    assert statement_format == "none"


@settings(max_examples=200)
@given(NAMES, st.data())
def test_any_value_as_member(name, data):
    statement = statement_of(name)
    member = data.draw(st.sampled_from(sorted(statement)))
    before = statement[member]
    statement[member] = data.draw(VALUES | st.lists(st.binary(max_size=60), max_size=3))
    if statement[member] == before:
        return
    with pytest.raises((Malformed, AttestationRefused)):
        verify(name, statement)


SIGNED = [
    (name, member)
    for name in sorted(CURRENT)
    for member, value in sorted(statement_of(name).items())
    if isinstance(value, bytes)
]


@settings(max_examples=400)
@given(st.sampled_from(SIGNED), st.integers(0, 4095), st.integers(0, 7))
def test_no_changed_bit_passes(which, position, bit):
    """Certificates apart: an unanchored chain proves nothing about its own contents."""
    name, member = which
    statement = statement_of(name)
    damaged = bytearray(statement[member])
    damaged[position % len(damaged)] ^= 1 << bit
    with pytest.raises((Malformed, AttestationRefused)):
        verify(name, statement | {member: bytes(damaged)})


@given(NAMES, st.integers(0, 255))
def test_another_ceremony(name, bit):
    damaged = bytearray(CURRENT[name].client_data.hash)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(AttestationRefused):
        verify(name, statement_of(name), client_data_hash=bytes(damaged))


DAMAGES = st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 255)), min_size=1, max_size=4)


@settings(max_examples=300)
@given(st.sampled_from([name for name in sorted(CURRENT) if "x5c" in statement_of(name)]), DAMAGES)
def test_damaged_certificates(name, damages):
    statement = statement_of(name)
    damaged = bytearray(statement["x5c"][0])
    for position, octet in damages:
        damaged[position % len(damaged)] = octet
    with contextlib.suppress(UnlatchError):
        verify(name, statement | {"x5c": [bytes(damaged), *statement["x5c"]]})


@pytest.mark.parametrize(
    "value",
    [
        b"\x30\x84\x7f\xff\xff\xff" + bytes(30_000),
        b"\x30\x80" * 16_000,
        b"\x30\x82\x75\x26" + b"\x30\x00" * 14_995,
        b"\xff" * 32_768,
        b"\xbf" + b"\xff" * 32_000,
        b"\x30\x82\x75\x30" + b"\x06\x82\x75\x2c" + b"\xff" * 29_996,
    ],
)
def test_large_junk_costs_little(value):
    statement = statement_of("packed.ES256") | {"x5c": [value] * 2}
    begun = time.perf_counter()
    with pytest.raises(Malformed):
        verify("packed.ES256", statement)
    assert time.perf_counter() - begun < 0.5


def test_statements_survive_an_encoding():
    for name in CURRENT:
        verify(name, cbor.decode(cbor.encode(statement_of(name)), ""))
