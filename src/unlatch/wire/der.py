"""DER (ITU-T X.690) as far as certificates and attestation extensions need it, read element by element.

Nothing is decoded before somebody asks for it: an oddity in an extension that no rule looks at (real TPM
certificates have many) stays where it is. What is read is read strictly: definite, shortest lengths, shortest tags,
shortest integers. Walking is iterative, so nesting costs no stack; every length is checked against what is there.
"""

from __future__ import annotations

from functools import lru_cache

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.values import frozen, maker

# Identifier octets of the universal types.
BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, ENUMERATED = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A
UTF8_STRING, PRINTABLE_STRING, TELETEX_STRING, IA5_STRING = 0x0C, 0x13, 0x14, 0x16
UTC_TIME, GENERALIZED_TIME, UNIVERSAL_STRING, BMP_STRING = 0x17, 0x18, 0x1C, 0x1E
SEQUENCE, SET = 0x30, 0x31

#: UUID-based identifiers (2.25.x) need 128 bits an arc; nothing needs more, and converting more to text costs time.
_MAX_ARC_BITS = 128
_MAX_TAG_NUMBER = 2**31 - 1
_HIGH_TAG = 0x1F
#: Identifiers that occur are shorter, and few; their texts are kept.
_KEPT_OID = 32


@frozen
class Element:
    """One tag-length-value.

    Attributes:
        identifier: The first octet: class, constructed bit, and the tag number where it is below 31.
        number: The tag number; beyond the first octet where that has 31.
        content: The value.
        raw: The whole element as received.
    """

    identifier: int
    number: int
    content: bytes
    raw: bytes


_element = maker(Element)


class Cursor:
    """Reads the elements inside `content` one after another.

    Every method raises `Malformed` (`Code.DER`) with the given path where the bytes are not what it is asked for.
    """

    __slots__ = ("_content", "_offset", "path")

    def __init__(self, content: bytes, path: str) -> None:
        self._content = content
        self._offset = 0
        self.path = path

    @property
    def at_end(self) -> bool:
        """Whether all elements were read."""
        return self._offset == len(self._content)

    def next(self) -> Element:
        """The next element, whatever it is."""
        element, self._offset = read(self._content, self._offset, self.path)
        return element

    def take(self, identifier: int) -> Element:
        """The next element, which must have this first octet."""
        element, self._offset = read(self._content, self._offset, self.path)
        if element.identifier != identifier:
            raise Malformed(Code.DER, self.path, f"tag 0x{element.identifier:02x} where 0x{identifier:02x} belongs")
        return element

    def take_optional(self, identifier: int) -> Element | None:
        """The next element if it has this first octet, else None and nothing is read."""
        if self._offset == len(self._content) or self._content[self._offset] != identifier:
            return None
        element, self._offset = read(self._content, self._offset, self.path)
        return element

    def enter(self, identifier: int) -> Cursor:
        """A cursor over the contents of the next element, which must have this first octet."""
        return Cursor(self.take(identifier).content, self.path)

    def expect_end(self) -> None:
        """Refuse elements that are left over."""
        if self._offset != len(self._content):
            raise Malformed(Code.DER, self.path, "a surplus element")


def read(data: bytes, offset: int, path: str) -> tuple[Element, int]:
    """Read the element that starts at `offset`.

    Returns:
        The element and the offset of the first byte after it.

    Raises:
        Malformed: Cut off, an indefinite or longer than necessary length or tag.
    """
    try:
        identifier = data[offset]
        cursor = offset + 1
        number = identifier & _HIGH_TAG
        if number == _HIGH_TAG:
            number, cursor = _tag_number(data, cursor, path)
        length = data[cursor]
        cursor += 1
        if length >= 0x80:
            length, cursor = _long_length(data, cursor, length & 0x7F, path)
    except IndexError:
        raise Malformed(Code.DER, path, "the bytes end inside a tag or length") from None
    end = cursor + length
    if end > len(data):
        raise Malformed(Code.DER, path, "an element is longer than what is left")
    return _element(identifier, number, data[cursor:end], data[offset:end]), end


def decode(data: bytes, identifier: int, path: str) -> Element:
    """Read the one element of this type that fills `data`.

    Raises:
        Malformed: As `read`; another type; bytes after the element.
    """
    element, end = read(data, 0, path)
    if element.identifier != identifier:
        raise Malformed(Code.DER, path, f"tag 0x{element.identifier:02x} where 0x{identifier:02x} belongs")
    if end != len(data):
        raise Malformed(Code.DER, path, "a surplus element")
    return element


def _tag_number(data: bytes, offset: int, path: str) -> tuple[int, int]:
    """A tag number of 31 or more, seven bits an octet (X.690 section 8.1.2.4)."""
    number = 0
    while True:
        octet = data[offset]
        offset += 1
        number = number << 7 | octet & 0x7F
        if number == 0 or number > _MAX_TAG_NUMBER:
            raise Malformed(Code.DER, path, "a tag number that is padded or too large")
        if octet < 0x80:
            break
    if number < _HIGH_TAG:
        raise Malformed(Code.DER, path, "a small tag number in the long form")
    return number, offset


def _long_length(data: bytes, offset: int, size: int, path: str) -> tuple[int, int]:
    """A length that follows in `size` octets; where they are cut off, so is the element."""
    end = offset + size
    length = int.from_bytes(data[offset:end], "big")
    if length < 0x80 or data[offset] == 0:
        raise Malformed(Code.DER, path, "an indefinite length, or one in more octets than it needs")
    return length, end


def integer(element: Element, path: str) -> int:
    """The value of an INTEGER or ENUMERATED, or of one behind an implicit tag.

    Raises:
        Malformed: Empty, or padded.
    """
    content = element.content
    if not content:
        raise Malformed(Code.DER, path, "an empty integer")
    if len(content) > 1 and content[0] == (0xFF if content[1] >= 0x80 else 0x00):
        raise Malformed(Code.DER, path, "a padded integer")
    return int.from_bytes(content, "big", signed=True)


def boolean(element: Element, path: str) -> bool:
    """The value of a BOOLEAN.

    Raises:
        Malformed: Neither 00 nor FF.
    """
    if element.content not in (b"\x00", b"\xff"):
        raise Malformed(Code.DER, path, "a boolean is 00 or FF")
    return element.content == b"\xff"


def oid(element: Element, path: str) -> str:
    """The dotted text of an OBJECT IDENTIFIER.

    Raises:
        Malformed: Empty, cut off, padded, or with an arc of more than 128 bits.
    """
    content = element.content
    try:
        return _kept_dotted(content) if len(content) <= _KEPT_OID else _dotted(content)
    except ValueError as error:
        raise Malformed(Code.DER, path, str(error)) from None


def _dotted(content: bytes) -> str:
    if not content or content[-1] >= 0x80:
        raise ValueError("an object identifier is cut off")
    arcs: list[int] = []
    value = 0
    fresh = True
    for octet in content:
        if fresh and octet == 0x80:
            raise ValueError("an object identifier is padded")
        value = value << 7 | octet & 0x7F
        if value >> _MAX_ARC_BITS:
            raise ValueError("an object identifier is too large")
        fresh = octet < 0x80
        if fresh:
            if not arcs:
                top = min(value // 40, 2)
                arcs.append(top)
                value -= top * 40
            arcs.append(value)
            value = 0
    return ".".join(map(str, arcs))


_kept_dotted = lru_cache(1024)(_dotted)
