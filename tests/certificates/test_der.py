"""DER: one reading of each encoding, and an error of ours for everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.writing import number, oid, seq, tlv
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire import der

if TYPE_CHECKING:
    from collections.abc import Callable


def malformed(read: Callable[[], object]) -> str:
    with pytest.raises(Malformed) as caught:
        read()
    assert (caught.value.code, caught.value.path) == (Code.DER, "here")
    return caught.value.detail


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x01",
        b"\x30\x80\x00\x00",  # indefinite
        b"\x30\x80" + bytes(128),
        b"\x30\x81",
        b"\x30\x81\x01\x00",  # longer than needed
        b"\x30\x82\x00\x80" + bytes(128),
        b"\x30\x82\x01",
        b"\x30\x85\x00\x00\x00\x00\x01\x00",
        b"\x30\xff" + bytes(127),
        b"\x30\x84\xff\xff\xff\xff",
        b"\xbf",
        b"\xbf\x80\x01\x00",
        b"\xbf\x1e\x00",
        b"\xbf\x1f",
        b"\xbf\x88\x80\x80\x80\x00\x00",
    ],
)
def test_what_is_not_der(data):
    malformed(lambda: der.read(data, 0, "here"))


@pytest.mark.parametrize("tag", [31, 127, 128, 1 << 14, (1 << 14) + 1, 2**31 - 1])
@pytest.mark.parametrize("length", [0, 127, 128, 255, 256, 65_535, 65_536])
def test_tags_and_lengths_at_the_limits(tag, length):
    read_back(bytes(length), tag, 0xA0)


@given(st.binary(max_size=300), st.integers(0, 2**31 - 1), st.sampled_from([0x00, 0x40, 0x80, 0xC0, 0x20, 0xA0]))
def test_every_tag_and_length_is_read_back(content, tag, form):
    read_back(content, tag, form)


def read_back(content: bytes, tag: int, form: int) -> None:
    if tag < 31:
        identifier = bytes((form | tag,))
    else:
        groups, rest = [tag & 0x7F], tag
        while rest := rest >> 7:
            groups.insert(0, rest & 0x7F | 0x80)
        identifier = bytes((form | 31, *groups))
    data = tlv(identifier, content)
    element, end = der.read(b"..." + data + b"...", 3, "")
    assert end == 3 + len(data)
    assert (element.identifier, element.number, element.content, element.raw) == (identifier[0], tag, content, data)


@given(st.binary(max_size=64))
def test_any_bytes_give_a_value_or_our_error(data):
    cursor = der.Cursor(data, "")
    try:
        while not cursor.at_end:
            element = cursor.next()
            for reader in (der.integer, der.boolean, der.oid):
                try:
                    reader(element, "")
                except Malformed:
                    continue
    except Malformed:
        return


@given(st.integers(-(2**200), 2**200))
def test_integers(value):
    assert der.integer(der.decode(number(value), der.INTEGER, ""), "") == value


@pytest.mark.parametrize("content", [b"", b"\x00\x00", b"\x00\x7f", b"\xff\xff", b"\xff\x80"])
def test_integers_that_are_not_der(content):
    element = der.decode(tlv(0x02, content), der.INTEGER, "")
    malformed(lambda: der.integer(element, "here"))


arcs = st.lists(st.integers(0, 2**128 - 1), max_size=6)


@given(st.integers(0, 2), st.integers(0, 39), arcs)
def test_object_identifiers(first, second, rest):
    dotted = ".".join(map(str, (first, second, *rest)))
    assert der.oid(der.decode(oid(dotted), der.OID, ""), "") == dotted


@pytest.mark.parametrize("number", [2**7, 2**14, 2**21, 2**21 + 1, 2**28])
def test_zeros_inside_a_long_arc_are_no_padding(number):
    der._kept_dotted.cache_clear()
    assert der.oid(der.decode(oid(f"1.3.{number}"), der.OID, ""), "") == f"1.3.{number}"


def test_object_identifiers_above_2_39():
    assert der.oid(der.decode(b"\x06\x02\x88\x37", der.OID, ""), "") == "2.999"


@pytest.mark.parametrize(
    "content",
    [b"", b"\x80", b"\x2a\x80\x01", b"\x80\x2a", b"\x2a\x86", b"\x2a\x81\x80", b"\x2a" + b"\xff" * 19 + b"\1"],
)
def test_object_identifiers_that_are_not_der(content):
    element = der.decode(tlv(0x06, content), der.OID, "")
    malformed(lambda: der.oid(element, "here"))


@pytest.mark.parametrize("begin", ["0.0", "0.39", "1.0", "1.39", "2.0", "2.39", "2.40", "2.119", "2.120", "2.999"])
def test_long_object_identifiers(begin):
    """Too long to be kept, so each is read anew."""
    dotted = f"{begin}.{'.'.join(['1'] * der._KEPT_OID)}"
    assert der.oid(der.decode(oid(dotted), der.OID, ""), "") == dotted


@pytest.mark.parametrize(("surplus", "kept"), [(0, True), (1, False)])
def test_only_short_object_identifiers_are_kept(surplus, kept):
    content = bytes((der._KEPT_OID + surplus - 1) * [0x55]) + b"\x56"
    before = der._kept_dotted.cache_info()
    for _ in range(2):
        assert der.oid(der.Element(6, 6, content, b""), "").endswith("85.86")
    after = der._kept_dotted.cache_info()
    assert (after.hits + after.misses) - (before.hits + before.misses) == (2 if kept else 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is cut off"), (b"\x2a\x80\1", "is padded"), (b"\x2a" + b"\xff" * 19 + b"\1", "is too large")],
)
def test_the_log_is_told_what_is_wrong_with_an_object_identifier(content, words):
    assert malformed(lambda: der.oid(der.Element(6, 6, content, b""), "here")) == f"an object identifier {words}"


def test_huge_object_identifiers_cost_nothing():
    malformed(lambda: der.oid(der.Element(6, 6, b"\xff" * 60_000 + b"\x01", b""), "here"))


@pytest.mark.parametrize(("content", "value"), [(b"\xff", True), (b"\x00", False)])
def test_booleans(content, value):
    assert der.boolean(der.decode(tlv(0x01, content), der.BOOLEAN, ""), "") is value


@pytest.mark.parametrize("content", [b"", b"\x01", b"\xff\xff"])
def test_booleans_that_are_not_der(content):
    element = der.decode(tlv(0x01, content), der.BOOLEAN, "")
    malformed(lambda: der.boolean(element, "here"))


def test_the_cursor():
    cursor = der.Cursor(seq(number(1), tlv(0x04, b"x")), "here")
    inner = cursor.enter(der.SEQUENCE)
    cursor.expect_end()
    assert inner.take_optional(der.BOOLEAN) is None
    assert inner.take(der.INTEGER).content == b"\1"
    assert malformed(inner.expect_end) == "a surplus element"
    assert "0x04" in malformed(lambda: inner.take(der.INTEGER))
    assert inner.at_end
    assert inner.take_optional(der.INTEGER) is None
    malformed(inner.next)
    cut_off = b"\x02\x02\x01"
    malformed(lambda: der.Cursor(cut_off, "here").take(der.INTEGER))
    malformed(lambda: der.Cursor(cut_off, "here").take_optional(der.INTEGER))
    malformed(lambda: der.decode(cut_off, der.INTEGER, "here"))
    optional = der.Cursor(number(1) + number(2), "here")
    assert [optional.take_optional(der.INTEGER).content for _ in range(2)] == [b"\1", b"\2"]


def test_bytes_after_the_element():
    malformed(lambda: der.decode(number(1) + b"\0", der.INTEGER, "here"))
    malformed(lambda: der.decode(number(1), der.BOOLEAN, "here"))
