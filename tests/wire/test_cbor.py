"""CBOR: everything canonical is read as an independent library reads it, everything else is refused by name."""

import math
import struct
import time
import tracemalloc
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import count
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire import cbor

KEYS = st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=30) | st.text(max_size=30)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.binary(max_size=300)
    | st.text(max_size=300)
)
_ONE = st.lists(LEAVES, max_size=30) | st.dictionaries(KEYS, LEAVES, max_size=30)
_TWO = st.lists(_ONE | LEAVES, max_size=4) | st.dictionaries(KEYS, _ONE | LEAVES, max_size=4)
VALUES = LEAVES | _ONE | _TWO | st.lists(st.dictionaries(KEYS, _TWO, max_size=2), max_size=2)


def refused(data: bytes, **options: bool) -> Code:
    with pytest.raises(Malformed) as caught:
        cbor.decode(data, "here", **options)
    assert caught.value.path == "here"
    return caught.value.code


def head(major: int, argument: int) -> bytes:
    """The shortest head, by the independent library: an item of that size without its contents."""
    if major < 2:
        return cbor2.dumps(argument if major == 0 else -1 - argument)
    return bytes((cbor2.dumps(argument)[0] | major << 5,)) + cbor2.dumps(argument)[1:]


@given(VALUES)
def test_round_trip(value: Any) -> None:
    encoded = cbor.encode(value)
    assert cbor.decode(encoded, "") == value
    assert type(cbor.decode(encoded, "")) is type(value)


@given(VALUES)
def test_an_independent_library_reads_what_we_write(value: Any) -> None:
    assert cbor2.loads(cbor.encode(value)) == value


@given(VALUES)
def test_we_read_what_an_independent_library_writes(value: Any) -> None:
    """Its canonical form orders keys as CTAP2 does and may shorten floating-point numbers, which CTAP2 leaves alone."""
    encoded = cbor2.dumps(value, canonical=True)
    # The independent library orders keys by length alone, across types; CTAP2 puts the lower type first.
    assert cbor.decode(encoded, "", sorted_keys=False) == value


@given(VALUES)
def test_canonical_form_is_the_only_form(value: Any) -> None:
    """Whatever else the decoder accepts re-encodes to the same bytes; here: our own bytes do."""
    encoded = cbor.encode(value)
    assert cbor.encode(cbor.decode(encoded, "")) == encoded


@given(st.binary(max_size=80))
def test_any_bytes_give_a_value_or_a_refusal(data: bytes) -> None:
    try:
        value = cbor.decode(data, "")
    except Malformed:
        return
    if not any(byte in (0xF9, 0xFA) or byte == 0xFB for byte in data):
        assert cbor.encode(value) == data


@given(VALUES)
def test_truncation_at_every_byte(value: Any) -> None:
    encoded = cbor.encode(value)
    for end in range(0, len(encoded), max(1, len(encoded) // 64)):
        with pytest.raises(Malformed) as caught:
            cbor.decode(encoded[:end], "here")
        # A cut inside a character of a text string cannot happen: its length would already be wrong.
        assert (caught.value.code, caught.value.path) == (Code.CBOR_TRUNCATED, "here")


@pytest.mark.parametrize("encoded", [b"\x83\x01\x02", b"\xa3\x01\x02", b"\xa4\x01\xf4\xa0"])
def test_more_entries_claimed_than_bytes_left(encoded: bytes) -> None:
    """What stands behind is not looked at first: the last one would be a map with a map as its key."""
    assert refused(encoded) is Code.CBOR_TRUNCATED


@given(VALUES, st.binary(min_size=1, max_size=3))
def test_trailing_bytes(value: Any, tail: bytes) -> None:
    assert refused(cbor.encode(value) + tail) is Code.CBOR_TRAILING


@given(VALUES, st.binary(max_size=5), st.binary(max_size=5))
def test_decode_at_reports_the_end(value: Any, before: bytes, after: bytes) -> None:
    encoded = cbor.encode(value)
    assert cbor.decode_at(before + encoded + after, len(before), "") == (value, len(before) + len(encoded))


# What is not canonical


@pytest.mark.parametrize("major", range(6))
@pytest.mark.parametrize(
    ("short", "size", "largest_of_the_shorter"), [(24, 1, 23), (25, 2, 0xFF), (26, 4, 0xFFFF), (27, 8, 0xFFFF_FFFF)]
)
def test_integers_and_lengths_are_minimal(major: int, short: int, size: int, largest_of_the_shorter: int) -> None:
    for argument in (0, largest_of_the_shorter):
        encoded = bytes((major << 5 | short,)) + argument.to_bytes(size, "big")
        assert refused(encoded + b"\0" * 70_000) is Code.CBOR_NOT_MINIMAL
    needed = bytes((major << 5 | short,)) + (largest_of_the_shorter + 1).to_bytes(size, "big")
    if major < 2:
        assert cbor.decode(needed, "") == cbor2.loads(needed)
    else:
        assert refused(needed) is Code.CBOR_TRUNCATED


@pytest.mark.parametrize("major", range(2, 6))
def test_indefinite_lengths(major: int) -> None:
    assert refused(bytes((major << 5 | 31, 0xFF))) is Code.CBOR_INDEFINITE


@pytest.mark.parametrize("major", [0, 1])
def test_indefinite_integers_do_not_exist(major: int) -> None:
    assert refused(bytes((major << 5 | 31, 0xFF))) is Code.CBOR_INDEFINITE


def test_a_lone_break() -> None:
    assert refused(b"\xff") is Code.CBOR_INDEFINITE
    assert refused(b"\x81\xff") is Code.CBOR_INDEFINITE


@pytest.mark.parametrize("major", range(7))
@pytest.mark.parametrize("short", [28, 29, 30])
def test_reserved_additional_information(major: int, short: int) -> None:
    assert refused(bytes((major << 5 | short,)) + bytes(8)) is Code.CBOR_SIMPLE


@pytest.mark.parametrize(
    "encoded", ["c000", "c11a514b67b0", "c249010000000000000000", "d81800", "d9d9f700", "db000000010000000000"]
)
def test_tags(encoded: str) -> None:
    assert refused(bytes.fromhex(encoded)) is Code.CBOR_TAG


@pytest.mark.parametrize("initial", [*range(0xE0, 0xF4), 0xF7, 0xF8, 0xFC, 0xFD, 0xFE])
def test_simple_values_without_meaning(initial: int) -> None:
    assert refused(bytes((initial, 0x20))) is Code.CBOR_SIMPLE


@pytest.mark.parametrize(
    "key", ["80", "a0", "f4", "f5", "f6", "f7", "f93c00", "fa3f800000", "fb3ff0000000000000", "c100", "8101", "ff"]
)
def test_map_keys_are_integers_or_strings(key: str) -> None:
    assert refused(b"\xa1" + bytes.fromhex(key) + b"\x00") is Code.CBOR_KEY_TYPE


@given(KEYS, LEAVES, LEAVES)
def test_duplicate_keys(key: Any, first: Any, second: Any) -> None:
    encoded = b"\xa2" + cbor.encode(key) + cbor.encode(first) + cbor.encode(key) + cbor.encode(second)
    assert refused(encoded) is Code.CBOR_DUPLICATE_KEY
    assert refused(encoded, sorted_keys=False) is Code.CBOR_DUPLICATE_KEY


def test_a_duplicate_that_is_not_next_to_its_twin() -> None:
    assert refused(bytes.fromhex("a3010002000100"), sorted_keys=False) is Code.CBOR_DUPLICATE_KEY


def test_one_and_true_and_the_text_one_are_three_keys() -> None:
    """A reader that takes `true` for 1 can be made to see another key type."""
    assert refused(bytes.fromhex("a2010201f503")) is Code.CBOR_DUPLICATE_KEY
    assert refused(bytes.fromhex("a20102f503")) is Code.CBOR_KEY_TYPE
    assert cbor.decode(bytes.fromhex("a301004131016131 02".replace(" ", "")), "") == {1: 0, b"1": 1, "1": 2}


@given(st.lists(KEYS, min_size=2, max_size=6, unique_by=lambda key: (type(key), key)), st.randoms())
def test_key_order(keys: list[Any], random: Any) -> None:
    encoded = sorted(cbor.encode(key) for key in keys)
    shuffled = list(encoded)
    random.shuffle(shuffled)
    data = head(5, len(keys)) + b"".join(key + b"\xf6" for key in shuffled)
    assert cbor.decode(data, "", sorted_keys=False) == dict.fromkeys(keys)
    if shuffled == encoded:
        assert cbor.decode(data, "") == dict.fromkeys(keys)
    else:
        assert refused(data) is Code.CBOR_KEY_ORDER


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("00", "01"),
        ("17", "1818"),
        ("18ff", "190100"),
        ("20", "21"),
        ("1b0000000100000000", "20"),
        ("3903e7", "40"),
        ("4100", "4101"),
        ("4101", "420000"),
        ("420000", "60"),
        ("6162", "626161"),
    ],
)
def test_the_order_is_type_then_length_then_bytes(lower: str, higher: str) -> None:
    assert len(cbor.decode(bytes.fromhex(f"a2{lower}f6{higher}f6"), "")) == 2
    assert refused(bytes.fromhex(f"a2{higher}f6{lower}f6")) is Code.CBOR_KEY_ORDER


@pytest.mark.parametrize("key", ["1800", "5f", "6180", "19", "1b00", "42ff"])
def test_the_place_of_a_malformed_key_is_told(key: str) -> None:
    assert refused(b"\xa1" + bytes.fromhex(key))


def test_order_matters_at_every_level() -> None:
    assert refused(bytes.fromhex("81a202f601f6")) is Code.CBOR_KEY_ORDER
    assert refused(bytes.fromhex("a101a202f601f6")) is Code.CBOR_KEY_ORDER


@pytest.mark.parametrize("opening", [b"\x81", b"\xa1\x00"])
def test_nesting(opening: bytes) -> None:
    assert cbor.decode(opening * cbor.MAX_DEPTH + b"\x00", "") is not None
    assert refused(opening * (cbor.MAX_DEPTH + 1) + b"\x00") is Code.CBOR_DEPTH
    assert refused(b"\x81" * cbor.MAX_DEPTH + b"\x80") is Code.CBOR_DEPTH


@pytest.mark.parametrize("text", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"])
def test_text_is_utf8(text: bytes) -> None:
    assert refused(head(3, len(text)) + text) is Code.CBOR_TEXT
    assert cbor.decode(head(2, len(text)) + text, "") == text


def test_floating_point_numbers_of_each_length() -> None:
    for layout, initial in ((">e", 0xF9), (">f", 0xFA), (">d", 0xFB)):
        encoded = bytes((initial,)) + struct.pack(layout, -1.5)
        assert cbor.decode(encoded, "") == -1.5
        for end in range(len(encoded)):
            assert refused(encoded[:end]) is Code.CBOR_TRUNCATED
    not_a_number = cbor.decode(bytes.fromhex("f97e00"), "")
    assert isinstance(not_a_number, float)
    assert math.isnan(not_a_number)
    assert cbor.decode_at(bytes.fromhex("f97e0000"), 0, "")[1] == 3


def test_the_ends_of_the_integers() -> None:
    assert cbor.decode(bytes.fromhex("1bffffffffffffffff"), "") == 2**64 - 1
    assert cbor.decode(bytes.fromhex("3bffffffffffffffff"), "") == -(2**64)


def test_small_integers_cost_no_call() -> None:
    """Keys and values of a map, 0 to 23 and -1 to -24."""
    data = cbor.encode({0: 23, 23: 0, -1: -24, -24: -1})
    assert count(cbor._item, lambda: cbor.decode(data, "")) == 1
    data = cbor.encode({24: 0, -25: 0, 1: 24, 2: -25})
    assert count(cbor._item, lambda: cbor.decode(data, "")) == 1 + 4


def test_the_simple_values() -> None:
    for value, encoded in ((False, b"\xf4"), (True, b"\xf5"), (None, b"\xf6")):
        assert cbor.encode(value) == encoded
        assert cbor.decode(encoded, "") is value


# What cannot be written


@pytest.mark.parametrize("value", [2**64, -(2**64) - 1, object(), (1,), {1, 2}, 1j, bytearray(b"x"), {"a": object()}])
def test_encode_refuses_what_the_subset_lacks(value: Any) -> None:
    with pytest.raises(TypeError, match="CTAP2 CBOR"):
        cbor.encode(value)


def test_what_cannot_be_written_is_named() -> None:
    with pytest.raises(TypeError, match="CTAP2 CBOR has no complex"):
        cbor.encode([1j])


@pytest.mark.parametrize("key", [True, None, 1.5, (1,)])
def test_encode_refuses_keys_that_the_decoder_refuses(key: Any) -> None:
    with pytest.raises(TypeError, match=f"no map keys of type {type(key).__name__}$"):
        cbor.encode({key: 1})


# Hostile input


def _hostile() -> dict[str, bytes]:
    size = 65_536
    return {
        "array of 2^64 - 1": b"\x9b" + b"\xff" * 8,
        "array of 2^63": b"\x9b\x80" + bytes(7),
        "array of 2^63 with contents": b"\x9b\x80" + bytes(7) + bytes(size - 9),
        "map of 2^63": b"\xbb\x80" + bytes(7),
        "map of 2^63 with contents": b"\xbb\x80" + bytes(7) + b"".join(cbor.encode(i) + b"\0" for i in range(13_000)),
        "bytes of 2^64 - 1": b"\x5b" + b"\xff" * 8 + bytes(1000),
        "text of 2^63": b"\x7b\x80" + bytes(7) + bytes(1000),
        "deep arrays": b"\x81" * size,
        "deep maps": b"\xa1\x00" * (size // 2),
        "deep tags": b"\xc1" * size,
        "huge arrays in arrays": (b"\x9b\x80" + bytes(7)) * 7000,
        "empty arrays": b"\x99\xff\xff" + b"\x80" * 65_000,
        "wide map of long texts": b"\xb9\x10\x00" + b"".join(cbor.encode(f"{i:011d}") + b"\0" for i in range(5000)),
        "ones": b"\xff" * size,
        "zeros": bytes(size),
    }


@pytest.mark.parametrize("name", _hostile())
def test_hostile_input_costs_little(name: str) -> None:
    data = _hostile()[name][:65_536]
    started = time.process_time()
    refused(data)
    # A hundredth of it is usual; the bound is for a busy machine that also measures coverage.
    assert time.process_time() - started < 5
    tracemalloc.start()
    try:
        refused(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000


def test_cost_grows_with_the_size_not_faster() -> None:
    """A quadratic slice would make the second of these cost sixty times the first, not eight times."""

    def cost(count: int) -> float:
        data = head(4, count) + cbor.encode(b"\0" * 5) * count
        best = math.inf
        for _ in range(5):
            started = time.process_time()
            cbor.decode(data, "")
            best = min(best, time.process_time() - started)
        return best

    assert cost(80_000) < 30 * max(cost(10_000), 1e-4)


def test_the_log_is_told_how_much_stands_after_the_value():
    with pytest.raises(Malformed) as caught:
        cbor.decode(b"\x01\x02\x03", "value")
    assert (caught.value.path, caught.value.detail) == ("value", "2 bytes after the value")
