"""Faults of the attestation certificate in the `packed` format (section 8.2.1), and of certificates' encoding."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from unlatch.codes import Code
from unlatch.testing import der
from unlatch.testing.certificates import (
    AAGUID_EXTENSION,
    BASIC_CONSTRAINTS,
    COMMON_NAME,
    COUNTRY,
    FIRMWARE_EXTENSION,
    ORGANISATION,
    SERIAL_NUMBER_EXTENSION,
    UNIT,
    Extension,
    Template,
    aaguid_extension,
    basic_constraints,
)
from unlatch.testing.faults.fault import Rule
from unlatch.testing.faults.writing import fault, fields, through
from unlatch.testing.points import Point

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault
    from unlatch.testing.scene import Scene

_X5C = ("packed",)
_STEP = "registration.attestation-statement.packed-"


def _leaf(name: str, what: str, change: Change) -> Fault:
    return fault(_STEP + name, what, Point.LEAF, change, Code.ATTESTATION_CERTIFICATE, formats=_X5C)


def _extension(oid: str, value: bytes, *, critical: bool = False) -> Change:
    return through(lambda leaf: leaf.with_extension(Extension(oid, value, critical)))


def _twice(oid: str) -> Change:
    def change(leaf: Template, _scene: Scene) -> Template:
        return replace(leaf, extensions=(*leaf.extensions, *(each for each in leaf.extensions if each.oid == oid)))

    return change


def _critical_aaguid(leaf: Template, scene: Scene) -> Template:
    return leaf.with_extension(replace(aaguid_extension(scene.authenticator.aaguid), critical=True))


def _bare_aaguid(leaf: Template, scene: Scene) -> Template:
    return leaf.with_extension(Extension(AAGUID_EXTENSION, scene.authenticator.aaguid))


def _utf8_aaguid(leaf: Template, scene: Scene) -> Template:
    return leaf.with_extension(Extension(AAGUID_EXTENSION, der.element(0x0C, scene.authenticator.aaguid)))


def _long_aaguid(leaf: Template, scene: Scene) -> Template:
    return leaf.with_extension(aaguid_extension(scene.authenticator.aaguid + b"\x00"))


def _encoding(name: str, what: str, change: Change, code: Code = Code.DER) -> Fault:
    return fault(_STEP + name, what, Point.LEAF, change, code, decoder=True, formats=_X5C)


_LEAVES = (
    _leaf("version-1", "The certificate is of version 1.", fields(version=1)),
    _leaf("version-2", "The certificate is of version 2.", fields(version=2)),
    _leaf("no-country", "The subject names no country.", through(lambda leaf: leaf.with_attribute(COUNTRY, None))),
    _leaf(
        "country-unknown",
        "The country is not one of ISO 3166.",
        through(lambda leaf: leaf.with_attribute(COUNTRY, der.printable("OO"))),
    ),
    _leaf(
        "country-long",
        "The country has three letters.",
        through(lambda leaf: leaf.with_attribute(COUNTRY, der.printable("SWE"))),
    ),
    _leaf(
        "no-organisation",
        "The subject names no organisation.",
        through(lambda leaf: leaf.with_attribute(ORGANISATION, None)),
    ),
    _leaf(
        "no-unit", "The subject names no organisational unit.", through(lambda leaf: leaf.with_attribute(UNIT, None))
    ),
    _leaf(
        "unit-other",
        "The organisational unit is not `Authenticator Attestation`.",
        through(lambda leaf: leaf.with_attribute(UNIT, der.utf8("Authenticator attestation"))),
    ),
    _leaf(
        "no-common-name",
        "The subject has no common name.",
        through(lambda leaf: leaf.with_attribute(COMMON_NAME, None)),
    ),
    _leaf("empty-subject", "The subject is empty.", fields(subject=())),
    _leaf(
        "authority",
        "The attestation certificate is one of a certification authority.",
        through(lambda leaf: leaf.with_extension(basic_constraints(authority=True))),
    ),
    _leaf(
        "no-basic-constraints",
        "The certificate has no basic constraints.",
        through(lambda leaf: leaf.without_extension(BASIC_CONSTRAINTS)),
    ),
    _leaf(
        "aaguid-other",
        "The certificate is for another model.",
        through(lambda leaf: leaf.with_extension(aaguid_extension(secrets.token_bytes(16)))),
    ),
    _leaf(
        "aaguid-zero",
        "The certificate is for the model zero.",
        through(lambda leaf: leaf.with_extension(aaguid_extension(bytes(16)))),
    ),
    _leaf("aaguid-critical", "The AAGUID extension is critical.", _critical_aaguid),
    _leaf("aaguid-longer", "The AAGUID extension holds 17 bytes.", _long_aaguid),
    _leaf(
        "country-folded",
        "The country is a letter that becomes a country's code only in capitals.",
        through(lambda leaf: leaf.with_attribute(COUNTRY, der.utf8("\u00df"))),
    ),
    _leaf(
        "unit-empty", "The organisational unit is empty.", through(lambda leaf: leaf.with_attribute(UNIT, der.utf8("")))
    ),
    _leaf(
        "organisation-empty",
        "The organisation is empty.",
        through(lambda leaf: leaf.with_attribute(ORGANISATION, der.utf8(""))),
    ),
    _leaf(
        "firmware-critical",
        "The extension with the firmware's version is critical.",
        _extension(FIRMWARE_EXTENSION, der.integer(1), critical=True),
    ),
    _leaf("firmware-negative", "The firmware's version is negative.", _extension(FIRMWARE_EXTENSION, der.integer(-1))),
    _leaf(
        "serial-number-critical",
        "The extension with the device's serial number is critical.",
        _extension(SERIAL_NUMBER_EXTENSION, der.octet_string(b"\x01"), critical=True),
    ),
    fault(
        "registration.attestation-trust.packed-serial-number",
        "The certificate tells the device's serial number although nobody asked for it.",
        Point.LEAF,
        _extension(SERIAL_NUMBER_EXTENSION, der.octet_string(b"\x01")),
        Code.ATTESTATION_NOT_ALLOWED,
        formats=_X5C,
        rule=Rule.NO_ENTERPRISE,
    ),
    _encoding("aaguid-bare", "The AAGUID stands in its extension without an inner octet string.", _bare_aaguid),
    _encoding("aaguid-wrong-type", "The inner value of the AAGUID extension is a text string.", _utf8_aaguid),
    _encoding("aaguid-empty", "The AAGUID extension is empty.", _extension(AAGUID_EXTENSION, b"")),
    _encoding("aaguid-twice", "The AAGUID extension stands twice.", _twice(AAGUID_EXTENSION), Code.CERTIFICATE),
    _encoding("firmware-text", "The firmware's version is a text.", _extension(FIRMWARE_EXTENSION, der.utf8("1"))),
)

_GARBAGE = (
    fault(
        _STEP + "certificate-garbage",
        "The certificate is not DER.",
        Point.CHAIN,
        through(lambda chain: [b"\x30\x03abc", *chain[1:]]),
        Code.DER,
        decoder=True,
        formats=_X5C,
    ),
    fault(
        _STEP + "certificate-truncated",
        "The certificate ends early.",
        Point.CHAIN,
        through(lambda chain: [chain[0][:-1], *chain[1:]]),
        Code.DER,
        decoder=True,
        formats=_X5C,
    ),
    fault(
        _STEP + "certificate-trailing",
        "A byte follows the certificate.",
        Point.CHAIN,
        through(lambda chain: [chain[0] + b"\x00", *chain[1:]]),
        Code.DER,
        decoder=True,
        formats=_X5C,
    ),
    fault(
        _STEP + "certificate-empty",
        "The certificate is empty.",
        Point.CHAIN,
        through(lambda chain: [b"", *chain[1:]]),
        Code.DER,
        decoder=True,
        formats=_X5C,
    ),
    fault(
        _STEP + "chain-reversed",
        "The chain starts with the intermediate.",
        Point.CHAIN,
        through(lambda chain: chain[::-1]),
        Code.ATTESTATION_SIGNATURE,
        formats=_X5C,
    ),
)

FAULTS = (*_LEAVES, *_GARBAGE)
