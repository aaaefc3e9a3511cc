"""The CTAP2 canonical subset of CBOR (RFC 8949), decoded at an offset.

CTAP 2.1 section 8 fixes one encoding for every value: shortest integers and lengths, definite lengths, no tags, map
keys in order and unique, little nesting. The decoder refuses everything else, so that two readers can never see two
different values in the same bytes. It reports where a value ends, so nothing is re-encoded to learn its length.

Real browsers write the three members of the attestation object unsorted; for maps that may be so, a caller passes
``sorted_keys=False`` (see `unlatch.terms.KeyOrder`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from unlatch.codes import Code
from unlatch.errors import Malformed

Value: TypeAlias = "int | bytes | str | bool | float | list[Value] | dict[int | bytes | str, Value] | None"
Key: TypeAlias = int | bytes | str

#: A compound attestation nests map > array > map > map > array, and CTAP2 messages nest at most four levels.
MAX_DEPTH = 5

#: The integers that fit into their initial byte, by that byte; None for every other initial byte. Most of what a COSE
#: key holds is one of these, and a look-up is a tenth of the cost of a call.
_SMALL_INTEGERS = tuple(byte if byte < 0x18 else 0x1F - byte if 0x20 <= byte < 0x38 else None for byte in range(256))

_FALSE, _TRUE, _NULL = 0xF4, 0xF5, 0xF6
_FLOATS = {0xF9: (">e", 2), 0xFA: (">f", 4), 0xFB: (">d", 8)}
#: Initial bytes from here on are arrays, maps, tags and simple values, none of which may be a map key.
_FIRST_MAJOR_4 = 0x80


def decode(data: bytes, path: str, *, sorted_keys: bool = True) -> Value:
    """Decode exactly one value that fills `data`.

    Args:
        data: The encoded value.
        path: Where in the input the bytes stand, for the error.
        sorted_keys: False tolerates map keys out of canonical order (duplicates stay forbidden).

    Raises:
        Malformed: Anything that is not CTAP2 canonical CBOR, or bytes after the value.
    """
    value, end = decode_at(data, 0, path, sorted_keys=sorted_keys)
    if end != len(data):
        raise Malformed(Code.CBOR_TRAILING, path, f"{len(data) - end} bytes after the value")
    return value


def decode_at(data: bytes, offset: int, path: str, *, sorted_keys: bool = True) -> tuple[Value, int]:
    """Decode the value that starts at `offset`.

    Returns:
        The value and the offset of the first byte after it.

    Raises:
        Malformed: As `decode`, except that bytes after the value are left to the caller.
    """
    try:
        return _item(data, offset, path, sorted_keys, 0)
    except IndexError:
        raise Malformed(Code.CBOR_TRUNCATED, path, "the bytes end inside a value") from None


def _item(data: bytes, offset: int, path: str, sorted_keys: bool, depth: int) -> tuple[Value, int]:
    """One value; a read past the end surfaces as IndexError, which `decode_at` turns into a refusal."""
    initial = data[offset]
    offset += 1
    if initial >= 0xE0:
        return _simple(data, offset, initial, path)
    major = initial >> 5
    argument = initial & 0x1F
    if argument >= 24:
        argument, offset = _argument(data, offset, argument, path)

    if major == 2:
        end = offset + argument
        if end > len(data):
            raise Malformed(Code.CBOR_TRUNCATED, path, "a string is longer than what is left")
        return data[offset:end], end
    if major == 3:
        end = offset + argument
        if end > len(data):
            raise Malformed(Code.CBOR_TRUNCATED, path, "a string is longer than what is left")
        try:
            return data[offset:end].decode(), end
        except UnicodeDecodeError:
            raise Malformed(Code.CBOR_TEXT, path, "a text string is not UTF-8") from None
    if major == 0:
        return argument, offset
    if major == 1:
        return -1 - argument, offset
    if major == 6:
        raise Malformed(Code.CBOR_TAG, path, f"tag {argument}")

    if depth == MAX_DEPTH:
        raise Malformed(Code.CBOR_DEPTH, path, f"nested deeper than {MAX_DEPTH}")
    if argument > len(data) - offset:
        raise Malformed(Code.CBOR_TRUNCATED, path, "an array or a map claims more than what is left")
    if major == 5:
        return _map(data, offset, argument, path, sorted_keys, depth + 1)
    items: list[Value] = []
    for _ in range(argument):
        item, offset = _item(data, offset, path, sorted_keys, depth + 1)
        items.append(item)
    return items, offset


def _map(
    data: bytes, offset: int, length: int, path: str, sorted_keys: bool, depth: int
) -> tuple[dict[Key, Value], int]:
    """The entries of a map. CTAP2 orders keys by their encoded bytes, shorter first within a type."""
    entries: dict[Key, Value] = {}
    previous = b""
    for _ in range(length):
        start = offset
        initial = data[start]
        key: Value = _SMALL_INTEGERS[initial]
        if key is not None:
            offset += 1
        elif initial < _FIRST_MAJOR_4:
            key, offset = _item(data, offset, path, sorted_keys, depth)
        else:
            raise Malformed(Code.CBOR_KEY_TYPE, path, "a map key is neither an integer nor a string")
        encoded = data[start:offset]
        if key in entries:
            raise Malformed(Code.CBOR_DUPLICATE_KEY, path, "a map key stands twice")
        if encoded < previous and sorted_keys:
            raise Malformed(Code.CBOR_KEY_ORDER, path, "map keys are not in canonical order")
        previous = encoded
        value: Value = _SMALL_INTEGERS[data[offset]]
        if value is None:
            value, offset = _item(data, offset, path, sorted_keys, depth)
        else:
            offset += 1
        entries[key] = value  # type: ignore[index]  # majors 0-3 only
    return entries, offset


def _argument(data: bytes, offset: int, short: int, path: str) -> tuple[int, int]:
    """The 1, 2, 4 or 8 byte argument that follows the initial byte, which must need that many bytes."""
    if short == 24:
        value = data[offset]
        if value < 24:
            raise Malformed(Code.CBOR_NOT_MINIMAL, path, "an integer or length is longer than needed")
        return value, offset + 1
    if short == 31:
        raise Malformed(Code.CBOR_INDEFINITE, path, "indefinite length")
    if short > 27:
        raise Malformed(Code.CBOR_SIMPLE, path, "reserved additional information")
    size = 1 << (short - 24)
    end = offset + size
    if end > len(data):
        raise Malformed(Code.CBOR_TRUNCATED, path, "the bytes end inside an integer or length")
    value = int.from_bytes(data[offset:end], "big")
    if value >> (size * 4) == 0:
        raise Malformed(Code.CBOR_NOT_MINIMAL, path, "an integer or length is longer than needed")
    return value, end


def _simple(data: bytes, offset: int, initial: int, path: str) -> tuple[Value, int]:
    """False, true, null and floating-point numbers; every other simple value is refused."""
    if initial == _FALSE:
        return False, offset
    if initial == _TRUE:
        return True, offset
    if initial == _NULL:
        return None, offset
    if initial in _FLOATS:
        layout, size = _FLOATS[initial]
        if offset + size > len(data):
            raise Malformed(Code.CBOR_TRUNCATED, path, "the bytes end inside a number")
        import struct  # few authenticators write floating-point numbers

        return struct.unpack_from(layout, data, offset)[0], offset + size
    if initial == 0xFF:
        raise Malformed(Code.CBOR_INDEFINITE, path, "a break outside an indefinite length")
    raise Malformed(Code.CBOR_SIMPLE, path, f"simple value 0x{initial:02x}")


def encode(value: Value) -> bytes:
    """Encode `value` in the CTAP2 canonical form, map keys sorted.

    Raises:
        TypeError: The value has a type that this subset does not have.
    """
    if value is True:
        return b"\xf5"
    if value is False:
        return b"\xf4"
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode("utf-8")
        return _head(3, len(text)) + text
    if isinstance(value, float):
        import struct  # as in `_simple`

        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, Mapping):
        entries = sorted((_encode_key(key), encode(item)) for key, item in value.items())
        return _head(5, len(entries)) + b"".join(key + item for key, item in entries)
    raise TypeError(f"CTAP2 CBOR has no {type(value).__name__}")


def _encode_key(key: object) -> bytes:
    """A map key, of the types that the decoder accepts as keys."""
    if isinstance(key, (int, bytes, str)) and not isinstance(key, bool):
        return encode(key)
    raise TypeError(f"CTAP2 CBOR has no map keys of type {type(key).__name__}")


def _head(major: int, argument: int) -> bytes:
    """Initial byte and shortest argument."""
    top = major << 5
    if argument < 24:
        return bytes((top | argument,))
    for short, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument >> (8 * size) == 0:
            return bytes((top | short,)) + argument.to_bytes(size, "big")
    raise TypeError("CTAP2 CBOR integers have at most 64 bits")
