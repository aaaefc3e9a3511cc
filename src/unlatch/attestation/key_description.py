"""The key description that Android's keystore writes into a certificate ("Key and ID attestation", Android docs).

``SEQUENCE { attestationVersion, attestationSecurityLevel, keyMintVersion, keyMintSecurityLevel, attestationChallenge,
uniqueId, softwareEnforced, hardwareEnforced }``. An authorization list is a SEQUENCE of explicitly tagged fields;
every one of them is read by its tag, known or not, so nothing that stands before a field can hide it.
"""

from __future__ import annotations

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.values import frozen
from unlatch.wire import der

KEY_DESCRIPTION = "1.3.6.1.4.1.11129.2.1.17"

_PURPOSE, _ALL_APPLICATIONS, _ORIGIN = 1, 600, 702
_CLASS_AND_FORM = 0xE0
_CONTEXT_CONSTRUCTED = 0xA0


@frozen
class AuthorizationList:
    """The fields of one list that WebAuthn looks at.

    Attributes:
        purposes: What the key may do; None when the field is absent.
        all_applications: Whether every app may use the key.
        origin: Where the key comes from; None when the field is absent.
    """

    purposes: frozenset[int] | None
    all_applications: bool
    origin: int | None


@frozen
class KeyDescription:
    """The fields of a key description that WebAuthn looks at.

    Attributes:
        security_levels: Where the attestation was made and where the key is kept: 0 in software, 1 in a trusted
            execution environment, 2 in a secure element.
        challenge: What the app passed in.
        software: What Android itself enforces.
        hardware: What the trusted execution environment or secure element enforces.
    """

    security_levels: tuple[int, int]
    challenge: bytes
    software: AuthorizationList
    hardware: AuthorizationList


def decode_key_description(value: bytes, path: str) -> KeyDescription:
    """Decode a key description that fills `value`.

    Raises:
        Malformed: Not the structure, a field twice, or a field of another type.
    """
    fields = der.Cursor(der.decode(value, der.SEQUENCE, path).content, path)
    fields.take(der.INTEGER)
    attested_in = _security_level(fields.next(), path)
    fields.take(der.INTEGER)
    kept_in = _security_level(fields.next(), path)
    challenge = fields.take(der.OCTET_STRING).content
    fields.take(der.OCTET_STRING)
    software = _authorizations(fields.enter(der.SEQUENCE), path)
    hardware = _authorizations(fields.enter(der.SEQUENCE), path)
    fields.expect_end()
    return KeyDescription((attested_in, kept_in), challenge, software, hardware)


def _security_level(element: der.Element, path: str) -> int:
    """An ENUMERATED, but one test vector of the specification has an INTEGER."""
    if element.identifier not in (der.ENUMERATED, der.INTEGER):
        raise Malformed(Code.DER, path, "a security level is an ENUMERATED")
    return der.integer(element, path)


def _authorizations(fields: der.Cursor, path: str) -> AuthorizationList:
    found: dict[int, bytes] = {}
    while not fields.at_end:
        element = fields.next()
        if element.identifier & _CLASS_AND_FORM != _CONTEXT_CONSTRUCTED:
            raise Malformed(Code.DER, path, "an authorization without a tag of its own")
        if element.number in found:
            raise Malformed(Code.DER, path, f"authorization {element.number} stands twice")
        found[element.number] = element.content
    origin, purposes = found.get(_ORIGIN), found.get(_PURPOSE)
    return AuthorizationList(
        purposes=None if purposes is None else _integers(purposes, path),
        all_applications=_ALL_APPLICATIONS in found,
        origin=None if origin is None else der.integer(der.decode(origin, der.INTEGER, path), path),
    )


def _integers(value: bytes, path: str) -> frozenset[int]:
    """SET OF INTEGER."""
    members = der.Cursor(der.decode(value, der.SET, path).content, path)
    numbers = set()
    while not members.at_end:
        numbers.add(der.integer(members.take(der.INTEGER), path))
    return frozenset(numbers)
