"""A writer of DER (X.690): just enough to put any certificate, sound or not, on the wire.

Every function returns the full tag-length-value of one element. Nothing is validated, since the point of a software
authenticator is that it can also write what a real one must not.
"""

from __future__ import annotations

from datetime import UTC, datetime

NULL = b"\x05\x00"


def element(tag: int, content: bytes) -> bytes:
    """One element with a single identifier octet `tag` and the shortest definite length."""
    return bytes((tag,)) + _length(len(content)) + content


def context(number: int, content: bytes, *, constructed: bool = True) -> bytes:
    """A context-specific element; numbers above 30 get the multi-byte identifier that ``[600]`` and ``[702]`` need."""
    leading = 0xA0 if constructed else 0x80
    if number < 31:
        return element(leading | number, content)
    return bytes((leading | 0x1F,)) + _base128(number) + _length(len(content)) + content


def sequence(*items: bytes) -> bytes:
    """SEQUENCE of encoded `items`."""
    return element(0x30, b"".join(items))


def set_of(*items: bytes) -> bytes:
    """SET OF encoded `items`, sorted as DER asks."""
    return element(0x31, b"".join(sorted(items)))


def integer(value: int) -> bytes:
    """INTEGER."""
    return element(0x02, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def enumerated(value: int) -> bytes:
    """ENUMERATED, for non-negative values."""
    return element(0x0A, integer(value)[2:])


def boolean(value: bool) -> bytes:
    """BOOLEAN."""
    return element(0x01, b"\xff" if value else b"\x00")


def octet_string(content: bytes) -> bytes:
    """OCTET STRING."""
    return element(0x04, content)


def bit_string(content: bytes, *, unused: int = 0) -> bytes:
    """BIT STRING whose last octet has `unused` spare bits."""
    return element(0x03, bytes((unused,)) + content)


def utf8(text: str) -> bytes:
    """UTF8String."""
    return element(0x0C, text.encode())


def printable(text: str) -> bytes:
    """PrintableString (the alphabet is not checked)."""
    return element(0x13, text.encode())


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return element(0x06, b"".join(map(_base128, (40 * first + second, *rest))))


def time(moment: datetime) -> bytes:
    """UTCTime up to 2049 and GeneralizedTime from 2050 on, as RFC 5280 section 4.1.2.5 prescribes."""
    text = moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
    return element(0x17, text[2:].encode()) if moment.year < 2050 else element(0x18, text.encode())


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def _base128(value: int) -> bytes:
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(0x80 | (value & 0x7F))
    return bytes(reversed(octets))
