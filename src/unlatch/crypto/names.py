"""Distinguished names (RFC 5280 section 4.1.2.4) and the directory names inside Subject Alternative Name.

Names chain where RFC 5280 section 7.1 calls them the same; the rules of packed and TPM read their attributes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from unlatch.codes import Code
from unlatch.crypto.certificates import SUBJECT_ALTERNATIVE_NAME
from unlatch.errors import Malformed
from unlatch.wire import der

if TYPE_CHECKING:
    from unlatch.crypto.certificates import Certificate

COUNTRY, ORGANIZATION, ORGANIZATIONAL_UNIT, COMMON_NAME = "2.5.4.6", "2.5.4.10", "2.5.4.11", "2.5.4.3"

#: The DER of a name without any attribute.
EMPTY_NAME = b"\x30\x00"

Attributes: TypeAlias = "dict[str, tuple[str, ...]]"

#: The identifier octets of a GeneralName.
_DNS_NAME, DIRECTORY_NAME = 0x82, 0xA4
_ENCODINGS = {
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "ascii",
    der.IA5_STRING: "ascii",
    # Nobody implements T.61; certificates that use the tag mean Latin-1.
    der.TELETEX_STRING: "latin-1",
    der.BMP_STRING: "utf-16-be",
    der.UNIVERSAL_STRING: "utf-32-be",
}


#: Longer names are compared as bytes alone; it also bounds what is remembered about names.
_MAX_COMPARED = 1024


def is_same_name(name: bytes, other: bytes) -> bool:
    """Whether two Names are the same (RFC 5280 section 7.1): string type, letter case and extra spaces do not count.

    A signature has the last word about who issued what, so this only decides which keys are tried.
    """
    if name == other:
        return True
    if max(len(name), len(other)) > _MAX_COMPARED:
        return False
    comparable = _comparable(name)
    return comparable is not None and comparable == _comparable(other)


def is_within(name: bytes, base: bytes) -> bool:
    """Whether a Name begins with all of another (RFC 5280 section 4.2.1.10), compared as `is_same_name` does.

    Raises:
        Malformed: One of them cannot be read, or is too long to be compared.
    """
    if max(len(name), len(base)) > _MAX_COMPARED:
        raise Malformed(Code.CERTIFICATE, "", "a name that is too long to be compared")
    whole, start = _comparable(name), _comparable(base)
    if whole is None or start is None:
        raise Malformed(Code.CERTIFICATE, "", "a name that cannot be read")
    return whole[: len(start)] == start


@lru_cache(maxsize=2048)
def _comparable(name: bytes) -> tuple[tuple[tuple[str, str], ...], ...] | None:
    """What counts of a Name, RDN by RDN; None where it cannot be read."""
    try:
        return tuple(
            tuple(sorted((kind, " ".join(value.split()).casefold()) for kind, value in relative))
            for relative in _relative_names(name, "")
        )
    except Malformed:
        return None


def name_attributes(name: bytes, path: str) -> Attributes:
    """The attributes of a Name by dotted type, in the order they stand in; RDNs of one and of several are alike.

    Raises:
        Malformed: Not a Name, or text that its encoding does not allow.
    """
    found: dict[str, list[str]] = {}
    for relative in _relative_names(name, path):
        for kind, value in relative:
            found.setdefault(kind, []).append(value)
    return {kind: tuple(values) for kind, values in found.items()}


def _relative_names(name: bytes, path: str) -> list[list[tuple[str, str]]]:
    """``SEQUENCE OF SET OF SEQUENCE { type, value }``: the attributes of each RDN."""
    found = []
    names = der.Cursor(der.decode(name, der.SEQUENCE, path).content, path)
    while not names.at_end:
        relative = names.enter(der.SET)
        attributes = []
        while not relative.at_end:
            attribute = relative.enter(der.SEQUENCE)
            kind = der.oid(attribute.take(der.OID), path)
            attributes.append((kind, _text(attribute.next(), path)))
            attribute.expect_end()
        found.append(attributes)
    return found


def alternative_directory_names(certificate: Certificate) -> list[Attributes]:
    """The directory names inside Subject Alternative Name; names of other kinds are passed over.

    Raises:
        Malformed: The extension or a directory name cannot be read.
    """
    return [name_attributes(content, certificate.path) for content in _alternative_names(certificate, DIRECTORY_NAME)]


def alternative_dns_names(certificate: Certificate) -> list[str]:
    """The DNS names inside Subject Alternative Name; bytes that are not ASCII become U+FFFD.

    Raises:
        Malformed: The extension cannot be read.
    """
    return [content.decode("ascii", "replace") for content in _alternative_names(certificate, _DNS_NAME)]


def alternative_names(certificate: Certificate) -> list[der.Element]:
    """The general names of Subject Alternative Name (RFC 5280 section 4.2.1.6), of whatever kind.

    Raises:
        Malformed: The extension cannot be read.
    """
    extension = certificate.extensions.get(SUBJECT_ALTERNATIVE_NAME)
    if extension is None:
        return []
    path = certificate.path
    cursor = der.Cursor(der.decode(extension.value, der.SEQUENCE, path).content, path)
    names = []
    while not cursor.at_end:
        names.append(cursor.next())
    return names


def _alternative_names(certificate: Certificate, identifier: int) -> list[bytes]:
    """The contents of the general names of one kind."""
    return [element.content for element in alternative_names(certificate) if element.identifier == identifier]


def _text(element: der.Element, path: str) -> str:
    """A DirectoryString; any other type as the hex of its bytes, which equals no literal that a rule asks for."""
    encoding = _ENCODINGS.get(element.identifier)
    if encoding is None:
        return f"#{element.raw.hex()}"
    try:
        return element.content.decode(encoding)
    except UnicodeDecodeError:
        raise Malformed(Code.CERTIFICATE, path, "a name that its encoding does not allow") from None
