"""Breaches of CTAP2's canonical CBOR in the attestation object, in the credential key and in the extension outputs.

Every row adds entries behind the honest ones or writes the map's head differently, so the honest content stays there
for a lenient decoder to find.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unlatch.codes import Code
from unlatch.testing.faults.fault import Fault
from unlatch.testing.faults.writing import fault, through
from unlatch.testing.points import Point
from unlatch.wire import cbor

# Sorts behind every key that an honest map holds.
_LAST = cbor.encode("~" * 15)
_TRUE = b"\xf5"
_EMPTY_MAP = b"\xa0"

_HALF_NESTED = b"\x81" * 8 + b"\x00"


def _with(*entries: bytes) -> Callable[[bytes | None], bytes]:
    """Add encoded entries at the end of an encoded map with fewer than 20 entries."""

    def change(encoded: bytes | None) -> bytes:
        honest = encoded or _EMPTY_MAP
        return bytes((honest[0] + len(entries),)) + honest[1:] + b"".join(entries)

    return change


def _head(head: Callable[[int], bytes], tail: bytes = b"") -> Callable[[bytes | None], bytes]:
    """Write the head of an encoded map anew from the number of its entries."""

    def change(encoded: bytes | None) -> bytes:
        honest = encoded or _EMPTY_MAP
        return head(honest[0] & 0x1F) + honest[1:] + tail

    return change


_ROWS: tuple[tuple[str, str, Callable[[bytes | None], bytes], Code], ...] = (
    ("indefinite-map", "The map has indefinite length.", _head(lambda _: b"\xbf", b"\xff"), Code.CBOR_INDEFINITE),
    (
        "indefinite-bytes",
        "A byte string has indefinite length.",
        _with(_LAST + b"\x5f\x41\x00\xff"),
        Code.CBOR_INDEFINITE,
    ),
    (
        "indefinite-text",
        "A text string has indefinite length.",
        _with(_LAST + b"\x7f\x61\x61\xff"),
        Code.CBOR_INDEFINITE,
    ),
    ("indefinite-array", "An array has indefinite length.", _with(_LAST + b"\x9f\xff"), Code.CBOR_INDEFINITE),
    ("break", "A break stands where a value belongs.", _with(_LAST + b"\xff"), Code.CBOR_INDEFINITE),
    (
        "long-map-head",
        "The number of entries takes a byte more than needed.",
        _head(lambda count: bytes((0xB8, count))),
        Code.CBOR_NOT_MINIMAL,
    ),
    (
        "very-long-map-head",
        "The number of entries takes eight bytes.",
        _head(lambda count: b"\xbb" + count.to_bytes(8, "big")),
        Code.CBOR_NOT_MINIMAL,
    ),
    ("long-integer", "An integer takes a byte more than needed.", _with(_LAST + b"\x18\x17"), Code.CBOR_NOT_MINIMAL),
    (
        "long-negative",
        "A negative integer takes two bytes more than needed.",
        _with(_LAST + b"\x39\x00\xff"),
        Code.CBOR_NOT_MINIMAL,
    ),
    (
        "long-string-length",
        "The length of a string takes a byte more than needed.",
        _with(_LAST + b"\x58\x01\x00"),
        Code.CBOR_NOT_MINIMAL,
    ),
    ("tag", "The map is tagged.", _head(lambda count: b"\xd9\xd9\xf7" + bytes((0xA0 | count,))), Code.CBOR_TAG),
    ("inner-tag", "A value is tagged as a big number.", _with(_LAST + b"\xc2\x41\x01"), Code.CBOR_TAG),
    ("undefined", "A value is undefined.", _with(_LAST + b"\xf7"), Code.CBOR_SIMPLE),
    ("simple-value", "A value is an unassigned simple value.", _with(_LAST + b"\xf8\x20"), Code.CBOR_SIMPLE),
    ("reserved-head", "A head uses a reserved value.", _with(_LAST + b"\x1c"), Code.CBOR_SIMPLE),
    ("boolean-key", "A key is a boolean.", _with(_TRUE + _TRUE), Code.CBOR_KEY_TYPE),
    ("null-key", "A key is null.", _with(b"\xf6" + _TRUE), Code.CBOR_KEY_TYPE),
    ("float-key", "A key is a floating-point number.", _with(b"\xf9\x3c\x00" + _TRUE), Code.CBOR_KEY_TYPE),
    ("array-key", "A key is an array.", _with(b"\x80" + _TRUE), Code.CBOR_KEY_TYPE),
    ("duplicate-key", "A key stands twice.", _with(_LAST + _TRUE, _LAST + _TRUE), Code.CBOR_DUPLICATE_KEY),
    (
        "inner-duplicate-key",
        "A key stands twice in an inner map.",
        _with(_LAST + b"\xa2\x01\x00\x01\x00"),
        Code.CBOR_DUPLICATE_KEY,
    ),
    ("not-utf-8", "A text string is not UTF-8.", _with(_LAST + b"\x62\xc3\x28"), Code.CBOR_TEXT),
    ("too-deep", "Values nest too deep.", _with(_LAST + _HALF_NESTED), Code.CBOR_DEPTH),
    (
        "string-too-long",
        "A string claims to be longer than what is left.",
        _with(_LAST + b"\x5a\x7f\xff\xff\xff"),
        Code.CBOR_TRUNCATED,
    ),
    (
        "array-too-long",
        "An array claims to hold more than what is left.",
        _with(_LAST + b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"),
        Code.CBOR_TRUNCATED,
    ),
    (
        "map-too-long",
        # Two entries more would not do: extension outputs may follow a key, and would be read as its next entry.
        "The map claims to hold more than what is left.",
        _head(lambda _: b"\xbb\x7f\xff\xff\xff\xff\xff\xff\xff"),
        Code.CBOR_TRUNCATED,
    ),
)
_UNSORTED = (
    ("unsorted", "Keys are not in canonical order.", _with(_LAST + _TRUE, b"\x61~" + _TRUE), Code.CBOR_KEY_ORDER),
)


def _rows(prefix: str, subject: str, point: Point, rows: tuple[Any, ...]) -> tuple[Fault, ...]:
    return tuple(
        fault(f"{prefix}-{name}", f"{subject} {what}", point, through(change), code, decoder=True)
        for name, what, change, code in rows
    )


FAULTS = (
    *_rows("registration.attestation-object.cbor", "Attestation object:", Point.ATTESTATION_OBJECT_BYTES, _ROWS),
    *_rows("registration.attestation-object.key-cbor", "Credential key:", Point.KEY_BYTES, (*_ROWS, *_UNSORTED)),
    *_rows(
        "registration.attestation-object.extensions-cbor",
        "Extension outputs:",
        Point.EXTENSION_BYTES,
        (*_ROWS, *_UNSORTED),
    ),
    *_rows(
        "authentication.response-parts.extensions-cbor",
        "Extension outputs:",
        Point.EXTENSION_BYTES,
        (*_ROWS, *_UNSORTED),
    ),
)
