"""What is in a certificate: names, validity, key and extensions, read by our own DER walk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from unlatch.cli.inspect.object_ids import CURVES, EXTENSIONS, KEY_USES, NAMES, PURPOSES, named
from unlatch.crypto import certificates
from unlatch.crypto.certificates import Certificate
from unlatch.crypto.names import alternative_directory_names, alternative_dns_names, name_attributes
from unlatch.errors import Malformed
from unlatch.wire import der

_FIDO_AAGUID = "1.3.6.1.4.1.45724.1.1.4"


def certificate(data: bytes) -> dict[str, Any]:
    """A certificate, DER.

    Raises:
        Malformed: It is none.
    """
    read = certificates.parse_certificate(data, "", miscounts=True)
    return {
        "version": read.version,
        "serial number": read.serial_number.hex(),
        "subject": _tried(lambda: _name(name_attributes(read.subject, ""))),
        "issuer": _tried(lambda: _name(name_attributes(read.issuer, ""))),
        "not before": read.not_before.isoformat(),
        "not after": read.not_after.isoformat(),
        "key": _tried(lambda: _key(read.spki)),
        "signature algorithm": _tried(lambda: _algorithm(read.signature_algorithm)),
        "extensions": {named(EXTENSIONS, oid): _extension(read, oid) for oid in read.extensions},
    }


def _tried(read: Callable[[], Any]) -> Any:
    """What `read` gives; a part that cannot be read does not hide the others."""
    try:
        return read()
    except Malformed as error:
        return f"unreadable: {error.detail}"


def _name(attributes: dict[str, tuple[str, ...]]) -> str:
    return ", ".join(f"{NAMES.get(kind, kind)}={value}" for kind, values in attributes.items() for value in values)


def _algorithm(identifier: bytes) -> str:
    cursor = der.Cursor(der.decode(identifier, der.SEQUENCE, "").content, "")
    return named(NAMES, der.oid(cursor.take(der.OID), ""))


def _key(spki: bytes) -> str:
    """Kind and curve or size of a SubjectPublicKeyInfo."""
    cursor = der.Cursor(der.decode(spki, der.SEQUENCE, "").content, "")
    identifier = cursor.enter(der.SEQUENCE)
    kind = named(NAMES, der.oid(identifier.take(der.OID), ""))
    if not identifier.at_end:
        parameters = identifier.next()
        if parameters.identifier == der.OID:
            return f"{kind}, {named(CURVES, der.oid(parameters, ''))}"
    content = cursor.take(der.BIT_STRING).content[1:]
    if kind.startswith("RSA"):
        modulus = der.Cursor(der.decode(content, der.SEQUENCE, "").content, "").take(der.INTEGER)
        return f"{kind}, {der.integer(modulus, '').bit_length()} bits"
    return kind


def _extension(read: Certificate, oid: str) -> dict[str, Any]:
    extension = read.extensions[oid]
    reader = _READERS.get(oid)
    value = _tried(lambda: reader(read)) if reader else extension.value.hex()
    return {"critical": extension.critical, "value": value}


def _basic_constraints(read: Certificate) -> str:
    found = certificates.basic_constraints(read)
    if found is None or not found.ca:
        return "no CA"
    return "CA" if found.path_length is None else f"CA, path length {found.path_length}"


def _key_usage(read: Certificate) -> list[str]:
    return [KEY_USES.get(bit, str(bit)) for bit in sorted(certificates.key_usage(read) or ())]


def _purposes(read: Certificate) -> list[str]:
    return [named(PURPOSES, oid) for oid in sorted(certificates.extended_key_usage(read))]


def _alternative_names(read: Certificate) -> list[str]:
    return [*alternative_dns_names(read), *(_name(name) for name in alternative_directory_names(read))]


def _aaguid(read: Certificate) -> str:
    content = der.decode(read.extensions[_FIDO_AAGUID].value, der.OCTET_STRING, "").content
    return str(UUID(bytes=content)) if len(content) == 16 else f"{len(content)} bytes: {content.hex()}"


_READERS: dict[str, Callable[[Certificate], Any]] = {
    certificates.BASIC_CONSTRAINTS: _basic_constraints,
    certificates.KEY_USAGE: _key_usage,
    certificates.EXTENDED_KEY_USAGE: _purposes,
    certificates.SUBJECT_ALTERNATIVE_NAME: _alternative_names,
    _FIDO_AAGUID: _aaguid,
}
