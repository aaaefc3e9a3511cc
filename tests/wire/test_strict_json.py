"""JSON: read once, under limits, with every ambiguity refused."""

import contextlib
import json
import sys
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire import strict_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=5)


def refused(text: Any, **options: Any) -> Code:
    with pytest.raises(Malformed) as caught:
        strict_json.parse_object(text, "body", **options)
    assert caught.value.path == "body"
    return caught.value.code


@given(OBJECTS, st.booleans())
def test_agrees_with_the_standard_library(value: dict[str, Any], escape: bool) -> None:
    text = json.dumps(value, ensure_ascii=escape)
    assert strict_json.parse_object(text, "") == json.loads(text)
    assert strict_json.parse_object(text.encode(), "") == json.loads(text)
    assert strict_json.parse_object(value, "") == json.loads(text)


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789.eE+-truefalsn\\u \ud800', max_size=60))
def test_any_text_gives_an_object_or_a_refusal(text: Any) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(strict_json.parse_object(text, ""), dict)


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":1}', '{"a":1,"b":2,"a":3}', '{"x":[{"a":{},"\\u0061":{}}]}', '{"":1,"":2}']
)
def test_members_that_stand_twice(text: str) -> None:
    assert refused(text) is Code.JSON_DUPLICATE
    assert refused(text.encode()) is Code.JSON_DUPLICATE


def test_two_keys_of_a_parsed_object_may_be_one_member() -> None:
    assert refused({1: 1, "1": 2}) is Code.JSON_DUPLICATE


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e400", "1E+9999"])
def test_numbers_that_are_not_finite(number: str) -> None:
    assert refused(f'{{"a":{number}}}') is Code.JSON


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_of_a_parsed_object_that_are_not_finite(number: float) -> None:
    assert refused({"a": [number]}) is Code.JSON


def test_numbers_that_are() -> None:
    assert strict_json.parse_object('{"a":[1.5,-1e3,0.0,1e-999,-0]}', "") == {"a": [1.5, -1000.0, 0.0, 0.0, 0]}


def test_an_integer_with_too_many_digits() -> None:
    assert refused('{"a":' + "9" * 5000 + "}") is Code.JSON
    assert strict_json.parse_object('{"a":' + "9" * 400 + "}", "")["a"] > 2**64


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "}",
        "{]",
        '{"a"}',
        '{"a":}',
        '{"a":1,}',
        "{'a':1}",
        "{a:1}",
        '{"a":01}',
        '{"a":1}x',
        '{"a":1}{}',
        '{"a":"\n"}',
        '{"a":"\x00"}',
        '{"a":"\\x"}',
        '{"a":"\\u12"}',
        '{"a":.5}',
        '{"a":+1}',
        '{"a":undefined}',
        '{"a":1}\x00',
        '/**/{"a":1}',
        '\u00a0{"a":1}',
    ],
)
def test_what_is_not_json(text: str) -> None:
    assert refused(text) is Code.JSON
    assert refused(text.encode()) is Code.JSON


@pytest.mark.parametrize("text", ["[]", "null", "true", "1", '"{}"', "[{}]"])
def test_what_is_not_an_object(text: str) -> None:
    assert refused(text) is Code.JSON_TYPE


@pytest.mark.parametrize("value", [None, 1, [], ["{}"], bytearray(b"{}"), memoryview(b"{}"), ("a",), object()])
def test_what_is_not_text(value: object) -> None:
    assert refused(value) is Code.JSON_TYPE


@pytest.mark.parametrize("value", [{"a": b"x"}, {"a": {1, 2}}, {("a",): 1}, {"a": object()}, {b"a": 1}])
def test_a_parsed_object_that_no_json_stands_for(value: dict[Any, Any]) -> None:
    assert refused(value) is Code.JSON


def test_a_parsed_object_that_holds_itself() -> None:
    value: dict[str, Any] = {}
    value["a"] = value
    assert refused(value) is Code.JSON


def test_a_parsed_object_is_copied() -> None:
    value = {"a": {"b": 1}}
    copy = strict_json.parse_object(value, "")
    copy["a"]["b"] = 2
    assert value == {"a": {"b": 1}}


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":"\xff"}',
        b'{"a":"\xc3"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xc0\xaf"}',
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32-le"),
    ],
)
def test_bytes_are_utf8(data: bytes) -> None:
    assert refused(data) is Code.JSON


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"\\ud800"}',
        '{"a":"\\udc00\\ud800"}',
        '{"\\udfff":1}',
        '{"a":["x",{"b":"\\ud83d\\u0041"}]}',
        '{"a":"\ud800"}',
        '{"a":"\ud83d\\ude00"}',
        '{"a":"\\ud83d\ude00"}',
        '{"a":"\\\\u0041\ud800"}',
    ],
)
def test_half_characters(text: str) -> None:
    assert refused(text) is Code.JSON


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"\ud800": 1}, {"a": [{"b": "\udfff\n"}]}])
def test_half_characters_of_a_parsed_object(value: dict[str, Any]) -> None:
    assert refused(value) is Code.JSON


def test_whole_characters_from_two_escapes() -> None:
    assert strict_json.parse_object('{"a":"\\ud83d\\ude00"}', "") == {"a": "\U0001f600"}


def test_byte_order_mark() -> None:
    data = b'\xef\xbb\xbf{"a":1}'
    assert refused(data) is Code.JSON
    assert refused(data.decode()) is Code.JSON
    assert strict_json.parse_object(data, "", byte_order_mark=True) == {"a": 1}
    assert refused(b"\xef\xbb\xbf" + data, byte_order_mark=True) is Code.JSON


def test_size() -> None:
    padding = strict_json.MAX_BYTES - len('{"a":""}')
    exactly = '{"a":"' + "x" * padding + '"}'
    assert len(exactly) == strict_json.MAX_BYTES
    assert strict_json.parse_object(exactly, "")
    assert strict_json.parse_object({"a": "x" * (padding - 1)}, "")
    assert strict_json.parse_object({"a": "é" * (padding - 1)}, ""), "a parsed object is measured in characters"
    for larger in (exactly + " ", exactly.encode() + b" ", {"a": "x" * (padding + 1)}):
        assert refused(larger) is Code.TOO_LARGE
    assert strict_json.parse_object(exactly + " ", "", limit=strict_json.MAX_STORED_BYTES)
    assert refused("[" * 1_000_000) is Code.TOO_LARGE


def nested(depth: int, kind: str) -> str:
    """An object with `depth` containers inside one another, itself included."""
    opening, closing = ('{"a":', "}") if kind == "objects" else ("[", "]")
    return '{"a":' + opening * (depth - 1) + "1" + closing * (depth - 1) + "}"


@pytest.mark.parametrize("kind", ["objects", "lists"])
def test_depth(kind: str) -> None:
    limit = strict_json.MAX_DEPTH
    assert strict_json.parse_object(nested(limit, kind), "")
    assert refused(nested(limit + 1, kind)) is Code.JSON
    assert refused(json.loads(nested(limit + 1, kind))) is Code.JSON
    assert refused(nested(10_000, kind)) is Code.JSON
    assert refused(nested(900, kind)) is Code.JSON


def test_a_parsed_object_too_deep_for_the_stack() -> None:
    value: dict[str, Any] = {}
    for _ in range(sys.getrecursionlimit() * 20):
        value = {"a": value}
    assert refused(value) is Code.JSON


def test_many_brackets_are_not_depth() -> None:
    assert strict_json.parse_object('{"a":[' + ",".join(["[]"] * 1000) + '],"b":"[[[[{{{{"}', "")
    assert strict_json.parse_object(json.dumps({"a": "[" * 60_000}), "")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 65_536,
        '{"a":' * 13_000,
        '"' * 65_536,
        "{" + '"a":1,' * 10_000 + "}",
        '{"a":' + "9" * 65_000 + "}",
        '{"a":' + "[]," * 20_000,
        '{"a":"' + "\\" * 65_000,
        '{"a":"' + "\\u0041" * 10_000 + '"}',
        " " * 65_536,
        '{"a":1' + "e" * 60_000 + "}",
        '{"a":0.' + "1" * 60_000 + "}",
    ],
    ids=lambda text: text[:8],
)
def test_hostile_text_costs_little(text: str) -> None:
    started = time.process_time()
    with contextlib.suppress(Malformed):
        strict_json.parse_object(text, "")
    assert time.process_time() - started < 5


# Members


def test_member() -> None:
    assert strict_json.member({"a": None}, "a", "") is None
    for path, expected in (("", "b"), ("outer", "outer.b")):
        with pytest.raises(Malformed) as caught:
            strict_json.member({"a": 1}, "b", path)
        assert (caught.value.code, caught.value.path) == (Code.JSON_MISSING, expected)


@pytest.mark.parametrize("value", [None, 1, True, [], {}])
def test_text_member(value: object) -> None:
    assert strict_json.text_member({"a": "x"}, "a", "") == "x"
    with pytest.raises(Malformed) as caught:
        strict_json.text_member({"a": value}, "a", "outer")
    assert (caught.value.code, caught.value.path) == (Code.JSON_TYPE, "outer.a")
    with pytest.raises(Malformed) as caught:
        strict_json.text_member({}, "a", "outer")
    assert (caught.value.code, caught.value.path) == (Code.JSON_MISSING, "outer.a")


@pytest.mark.parametrize("value", [None, 1, True, [], "{}"])
def test_object_member(value: object) -> None:
    assert strict_json.object_member({"a": {"b": 1}}, "a", "") == {"b": 1}
    with pytest.raises(Malformed) as caught:
        strict_json.object_member({"a": value}, "a", "outer")
    assert (caught.value.code, caught.value.path) == (Code.JSON_TYPE, "outer.a")
    with pytest.raises(Malformed) as caught:
        strict_json.object_member({}, "a", "outer")
    assert (caught.value.code, caught.value.path) == (Code.JSON_MISSING, "outer.a")


def test_what_stood_inside_a_judged_object_is_not_judged_again():
    inner = strict_json.parse_object(b'{"credential": {"a": [1]}}', "")["credential"]
    judged = strict_json.Judged(inner)
    assert strict_json.parse_object(judged, "") is judged


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ('{"a":1,"a":2}', "a member stands twice in one object"),
        ('{"a":NaN}', "NaN is not JSON"),
        ('{"a":1e999}', "1e999 is not JSON"),
        (["a"], "expected JSON text or an object, not list"),
    ],
)
def test_the_log_is_told_what_is_wrong(text: Any, detail: str) -> None:
    with pytest.raises(Malformed) as caught:
        strict_json.parse_object(text, "body")
    assert caught.value.detail == detail
