"""Client data: the exact bytes, and nothing ambiguous in them."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import count
from honest import client_data
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire import strict_json
from unlatch.wire.client_data import decode_client_data

HONEST = client_data("webauthn.get")


def refused(data: bytes, path: str = "cdata") -> Code:
    with pytest.raises(Malformed) as caught:
        decode_client_data(data, "cdata")
    assert caught.value.path == path
    return caught.value.code


def test_honest() -> None:
    decoded = decode_client_data(HONEST, "")
    assert decoded.raw == HONEST
    assert decoded.hash == sha256(HONEST).digest()
    assert decoded.type == "webauthn.get"
    assert decoded.challenge == json.loads(HONEST)["challenge"]
    assert decoded.origin == "https://example.org"
    assert decoded.cross_origin is False
    assert decoded.top_origin is None
    assert decoded.members == json.loads(HONEST)


def test_framing() -> None:
    data = client_data("webauthn.get", crossOrigin=True, topOrigin="https://top.example")
    decoded = decode_client_data(data, "")
    assert decoded.cross_origin is True
    assert decoded.top_origin == "https://top.example"


def test_cross_origin_may_be_absent() -> None:
    assert decode_client_data(client_data("webauthn.get", crossOrigin=...), "").cross_origin is False


def test_unknown_members_any_order_and_old_members() -> None:
    members = {
        "extra": [1, {"a": None}],
        "tokenBinding": {"status": "not-supported"},
        "origin": "o",
        "challenge": "c",
        "type": "t",
    }
    decoded = decode_client_data(json.dumps(members).encode(), "")
    assert (decoded.type, decoded.challenge, decoded.origin) == ("t", "c", "o")
    assert decoded.members == members


def test_one_byte_order_mark_is_dropped_and_hashed() -> None:
    data = b"\xef\xbb\xbf" + HONEST
    decoded = decode_client_data(data, "")
    assert decoded.hash == sha256(data).digest()
    assert decoded.raw == data
    assert refused(b"\xef\xbb\xbf" + data) is Code.JSON


@pytest.mark.parametrize("member", ["type", "challenge", "origin"])
@pytest.mark.parametrize("value", [..., None, 1, True, [], {}, ["x"]])
def test_required_members_are_text(member: str, value: Any) -> None:
    assert refused(client_data("webauthn.get", **{member: value})) is Code.CLIENT_DATA


@pytest.mark.parametrize("value", [None, 0, 1, "true", "false", [], {}])
def test_cross_origin_is_a_boolean(value: Any) -> None:
    assert refused(client_data("webauthn.get", crossOrigin=value), "cdata.crossOrigin") is Code.CLIENT_DATA


@pytest.mark.parametrize("value", [None, 0, True, False, [], {}, ["https://example.com"]])
def test_top_origin_is_text(value: Any) -> None:
    assert refused(client_data("webauthn.get", topOrigin=value), "cdata.topOrigin") is Code.CLIENT_DATA


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", Code.JSON),
        (b"{}", Code.CLIENT_DATA),
        (b"[]", Code.JSON_TYPE),
        (b"null", Code.JSON_TYPE),
        (HONEST + b"x", Code.JSON),
        (HONEST[:-1], Code.JSON),
        (HONEST.decode().encode("utf-16"), Code.JSON),
        (HONEST[:-1] + b',"origin":"https://evil.test"}', Code.JSON_DUPLICATE),
        (HONEST[:-1] + b',"\\u006frigin":"https://evil.test"}', Code.JSON_DUPLICATE),
        (HONEST[:-1] + b',"x":{"y":1,"y":1}}', Code.JSON_DUPLICATE),
        (HONEST[:-1] + b',"x":"\xff"}', Code.JSON),
        (HONEST[:-1] + b',"x":"\\ud800"}', Code.JSON),
        (HONEST[:-1] + b',"x":NaN}', Code.JSON),
        (HONEST[:-1] + b',"x":' + b"[" * 1000 + b"]" * 1000 + b"}", Code.JSON),
        (HONEST + b" " * 65_536, Code.TOO_LARGE),
    ],
)
def test_what_is_refused(data: bytes, code: Code) -> None:
    assert refused(data) is code


@given(st.data())
def test_any_change_gives_a_value_or_a_refusal(data: st.DataObject) -> None:
    changed = bytearray(HONEST)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = decode_client_data(bytes(changed), "")
    except Malformed:
        return
    assert decoded.hash == sha256(changed).digest()


def outcome(data: bytes) -> object:
    try:
        decoded = decode_client_data(data, "")
    except Malformed as malformed:
        return malformed.code, malformed.path
    return (
        decoded.type,
        decoded.challenge,
        decoded.origin,
        decoded.cross_origin,
        decoded.top_origin,
        sorted(decoded.members.items()),
    )


def as_clients_write(kind: str, challenge: str, origin: str) -> bytes:
    members = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_what_is_recognised_says_the_same(kind: str, challenge: str, origin: str) -> None:
    """A space in front changes nothing, but makes that nothing is recognised."""
    data = as_clients_write(kind, challenge, origin)
    assert outcome(data) == outcome(b" " + data)


@pytest.mark.parametrize(
    "value", [b'"', b"\\", b"\n", b"\x00", b"\x7f", b"\xc3\xa9", b"\xff", b" ", b"x", b"", b"{", b":", b","]
)
def test_nothing_malformed_is_recognised(value: bytes) -> None:
    honest = as_clients_write("webauthn.get", "c" * 43, "https://example.org")
    assert outcome(honest)[0] == "webauthn.get"
    for index in range(len(honest) + 1):
        for data in (honest[:index] + value + honest[index:], honest[:index] + value + honest[index + 1 :]):
            assert outcome(data) == outcome(b" " + data), data


def test_long_client_data_is_read_as_well_and_only_so_long() -> None:
    for length in (900, 2000):
        assert outcome(as_clients_write("t", "c", "o" * length))[2] == "o" * length
    assert outcome(as_clients_write("t", "c", "o" * 70_000)) == (Code.TOO_LARGE, "")


def test_what_clients_usually_write_takes_the_short_way() -> None:
    usual = b'{"type":"webauthn.get","challenge":"AQID","origin":"https://example.org","crossOrigin":false}'
    for data, times in ((usual, 0), (usual.replace(b'":', b'": '), 1), (usual[:-1] + b',"later":1}', 1)):
        assert count(strict_json.parse_object, lambda d=data: decode_client_data(d, "")) == times
        read = decode_client_data(data, "")
        assert (read.type, read.challenge, read.origin) == ("webauthn.get", "AQID", "https://example.org")
        assert (read.cross_origin, read.top_origin, read.raw) == (False, None, data)
