"""Attestation object: three members, exactly, in any order."""

import contextlib
from itertools import permutations
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import count
from honest import AT, UP, Credential, attestation_object, authenticator_data
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire import cbor
from unlatch.wire.attestation_object import decode_attestation_object

DATA = authenticator_data(UP | AT, attested=Credential().attested)
MEMBERS: dict[Any, Any] = {"fmt": "none", "attStmt": {}, "authData": DATA}
HONEST = attestation_object(DATA)


def refused(data: bytes, path: str = "object") -> Code:
    with pytest.raises(Malformed) as caught:
        decode_attestation_object(data, "object")
    assert caught.value.path == path
    return caught.value.code


def test_honest() -> None:
    decoded = decode_attestation_object(HONEST, "")
    assert decoded.raw == HONEST
    assert decoded.format == "none"
    assert decoded.statement == {}
    assert decoded.authenticator_data.raw == DATA
    assert decoded.attested is decoded.authenticator_data.attested
    assert decoded.attested.credential_id == Credential().id


@pytest.mark.parametrize("order", [*permutations(MEMBERS)])
def test_real_clients_do_not_sort(order: tuple[str, ...]) -> None:
    encoded = cbor2.dumps({name: MEMBERS[name] for name in order})
    assert decode_attestation_object(encoded, "").format == "none"


@pytest.mark.parametrize("member", MEMBERS)
def test_a_missing_member(member: str) -> None:
    assert refused(cbor2.dumps({k: v for k, v in MEMBERS.items() if k != member})) is Code.ATTESTATION_OBJECT


@pytest.mark.parametrize("label", ["epAtt", "largeBlobKey", "", 1, b"fmt"])
def test_a_surplus_member(label: Any) -> None:
    assert refused(cbor2.dumps({**MEMBERS, label: None})) is Code.ATTESTATION_OBJECT


@pytest.mark.parametrize("value", [[], None, 1, "x", b"x", True, {}, {1: 2}, [HONEST]])
def test_what_is_not_such_a_map(value: Any) -> None:
    assert refused(cbor2.dumps(value)) is Code.ATTESTATION_OBJECT


@pytest.mark.parametrize(
    ("member", "values"),
    [
        ("fmt", [None, 1, b"none", [], {}, True]),
        ("attStmt", [None, 1, b"", "", True]),
        ("authData", [None, 1, "x", [], {}, True, [DATA]]),
    ],
)
def test_a_member_of_another_type(member: str, values: list[Any]) -> None:
    for value in values:
        assert refused(cbor2.dumps({**MEMBERS, member: value}), f"object.{member}") is Code.ATTESTATION_OBJECT


def test_a_list_is_left_to_the_format() -> None:
    assert decode_attestation_object(cbor2.dumps({**MEMBERS, "attStmt": [{}]}), "").statement == [{}]


def test_without_a_credential() -> None:
    data = cbor2.dumps({**MEMBERS, "authData": authenticator_data(UP)})
    assert refused(data, "object.authData") is Code.AUTHENTICATOR_DATA


def test_the_inner_path_is_told() -> None:
    data = cbor2.dumps({**MEMBERS, "authData": DATA[:-1]})
    assert refused(data, "object.authData.credentialPublicKey") is Code.CBOR_TRUNCATED


def test_duplicates_and_tails() -> None:
    assert refused(b"\xa4" + HONEST[1:] + cbor2.dumps("fmt") + cbor2.dumps("none")) is Code.CBOR_DUPLICATE_KEY
    assert refused(HONEST + b"\0") is Code.CBOR_TRAILING
    assert refused(b"") is Code.CBOR_TRUNCATED


def test_a_cut_anywhere() -> None:
    for end in range(len(HONEST)):
        assert refused(HONEST[:end]) is Code.CBOR_TRUNCATED


@given(st.data())
def test_any_change_gives_a_value_or_a_refusal(data: st.DataObject) -> None:
    changed = bytearray(HONEST)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Malformed):
        assert decode_attestation_object(bytes(changed), "").raw == changed


NONE = bytes.fromhex("a363666d74646e6f6e656761747453746d74a068617574684461746158")


@pytest.mark.parametrize("length", [24, 36, 37, 255])
def test_the_usual_form_of_none_is_judged_like_any_other(length: int) -> None:
    """What is wrong with the authenticator data has the same code as in a form that only the general reader knows."""
    data = bytes(length)
    usual, other = NONE + bytes((length,)) + data, cbor2.dumps({"authData": data, "fmt": "none", "attStmt": {}})
    assert attestation_object(data) == usual != other
    assert refused(usual, "object.authData") is refused(other, "object.authData") is Code.AUTHENTICATOR_DATA


@pytest.mark.parametrize("id_length", [1, 16, 122, 123, 124, 125, 1023])
def test_none_of_every_length(id_length: int) -> None:
    credential = Credential(id=bytes(id_length))
    data = authenticator_data(UP | AT, attested=credential.attested)
    decoded = decode_attestation_object(attestation_object(data), "object")
    assert (decoded.format, decoded.statement) == ("none", {})
    assert decoded.attested.credential_id == credential.id
    assert (decoded.raw, decoded.authenticator_data.raw) == (attestation_object(data), data)


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (b"", Code.CBOR_TRUNCATED),
        (b"\x18" + bytes(23), Code.CBOR_TRUNCATED),
        (b"\x18" + bytes(25), Code.CBOR_TRAILING),
        (b"\x17" + bytes(23), Code.CBOR_NOT_MINIMAL),
        (b"\x00", Code.CBOR_NOT_MINIMAL),
        (b"\xff" + bytes(254), Code.CBOR_TRUNCATED),
        (b"\xff" + bytes(256), Code.CBOR_TRAILING),
    ],
)
def test_the_usual_form_of_none_is_canonical_too(tail: bytes, code: Code) -> None:
    assert refused(NONE + tail) is code


@pytest.mark.parametrize("place", [0, 1, 2, 32])
def test_no_other_byte_passes_for_the_length(place: int) -> None:
    """One byte too many behind the announced length, and the true length where a reader might slip to."""
    data = bytearray(DATA)
    data[place] = len(DATA) + 1
    assert attestation_object(DATA).startswith(NONE + bytes((len(DATA),)))
    assert refused(NONE + bytes((len(DATA),)) + data + b"\0") is Code.CBOR_TRAILING


def test_the_usual_form_of_none_takes_the_short_way() -> None:
    unsorted = cbor2.dumps({"authData": DATA, "fmt": "none", "attStmt": {}})
    assert count(cbor.decode, lambda: decode_attestation_object(HONEST, "")) == 0
    assert count(cbor.decode, lambda: decode_attestation_object(unsorted, "")) == 1
