"""Faults of packed attestation (section 8.2): statement, signature, and the rules for certificates (8.2.1)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.testing import der
from unlatch.testing.certificates import (
    AAGUID_EXTENSION,
    BASIC_CONSTRAINTS,
    COMMON_NAME,
    COUNTRY,
    ORGANISATION,
    UNIT,
    Extension,
    Template,
    aaguid_extension,
    basic_constraints,
)
from unlatch.testing.faults.writing import append, drop, fault, fields, flip, put, through, to
from unlatch.testing.keys import KeyPair
from unlatch.testing.points import Point

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault
    from unlatch.testing.scene import Scene

_X5C, _SELF, _EITHER = ("packed",), ("packed-self",), ("packed", "packed-self")
_STEP = "registration.attestation-statement.packed-"


def _shape(name: str, what: str, change: Change, formats: tuple[str, ...] = _EITHER) -> Fault:
    return fault(_STEP + name, what, Point.STATEMENT, change, Code.ATTESTATION_STATEMENT, decoder=True, formats=formats)


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


def _credential_signs(_honest: Any, scene: Scene) -> KeyPair:
    return scene.credential_key


_STATEMENT = (
    _shape("no-alg", "The statement names no algorithm.", drop("alg")),
    _shape("alg-text", "The algorithm is named by a text.", put("alg", "ES256")),
    _shape("no-sig", "The signature is missing.", drop("sig")),
    _shape("sig-text", "The signature is a text.", put("sig", "AAAA")),
    _shape("empty", "The statement is empty.", to({})),
    _shape("array", "The statement is an array.", to([])),
    _shape("unknown-member", "The statement has a member that the format does not know.", put("ver", "2.0")),
    _shape("ecdaa", "The statement is for ECDAA, which the specification has removed.", put("ecdaaKeyId", b"\x01")),
    _shape("x5c-empty", "There is a certificate chain, but it is empty.", put("x5c", [])),
    _shape("x5c-null", "The certificate chain is null.", put("x5c", None)),
    _shape("x5c-bytes", "The certificate is not inside an array.", put("x5c", b"\x30\x00")),
    _shape("x5c-text", "A certificate is a text.", put("x5c", ["MIIB"])),
)

_SIGNATURES = (
    fault(
        _STEP + "signature-flipped",
        "One bit of the statement's signature differs.",
        Point.SIGNATURE,
        flip(-1),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "signature-empty",
        "The statement's signature is empty.",
        Point.SIGNATURE,
        to(b""),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "signature-longer",
        "A byte follows the statement's signature.",
        Point.SIGNATURE,
        append(b"\x00"),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "other-authenticator-data",
        "Other authenticator data were signed.",
        Point.SIGNED,
        flip(36),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "other-client-data",
        "Another hash of client data was signed.",
        Point.SIGNED,
        flip(-1),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "without-client-data",
        "Only the authenticator data were signed.",
        Point.SIGNED,
        through(lambda signed: signed[:-32]),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "other-signer",
        "A key that nobody attests signed.",
        Point.SIGNER,
        lambda honest, _scene: KeyPair.generate(honest.algorithm.id),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "credential-signer",
        "The credential signed instead of the attestation key.",
        Point.SIGNER,
        _credential_signs,
        Code.ATTESTATION_SIGNATURE,
        formats=_X5C,
    ),
    fault(
        _STEP + "alg-other",
        "The statement names another algorithm than the credential's.",
        Point.STATEMENT,
        through(lambda statement: {**statement, "alg": -7 if statement["alg"] != -7 else -257}),
        Code.ATTESTATION_KEY_MISMATCH,
        formats=_SELF,
    ),
    fault(
        _STEP + "alg-not-of-the-certificate",
        "The statement names an algorithm that the certified key cannot do.",
        Point.STATEMENT,
        put("alg", -257),
        Code.ATTESTATION_SIGNATURE,
        formats=_X5C,
    ),
)

_LEAVES = (
    _leaf("version-1", "The certificate is of version 1.", fields(version=1)),
    _leaf("version-2", "The certificate is of version 2.", fields(version=2)),
    _leaf("no-country", "The subject names no country.", through(lambda leaf: leaf.with_attribute(COUNTRY, None))),
    _leaf(
        "country-unknown",
        "The country is not one of ISO 3166.",
        through(lambda leaf: leaf.with_attribute(COUNTRY, der.printable("XX"))),
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
    _leaf("aaguid-bare", "The AAGUID stands in its extension without an inner octet string.", _bare_aaguid),
    _leaf("aaguid-wrong-type", "The inner value of the AAGUID extension is a text string.", _utf8_aaguid),
    _leaf("aaguid-longer", "The AAGUID extension holds 17 bytes.", _long_aaguid),
    _leaf("aaguid-empty", "The AAGUID extension is empty.", _extension(AAGUID_EXTENSION, b"")),
    _leaf("aaguid-twice", "The AAGUID extension stands twice.", _twice(AAGUID_EXTENSION)),
)


_GARBAGE = (
    fault(
        _STEP + "certificate-garbage",
        "The certificate is not DER.",
        Point.CHAIN,
        through(lambda chain: [b"\x30\x03abc", *chain[1:]]),
        Code.CERTIFICATE,
        decoder=True,
        formats=_X5C,
    ),
    fault(
        _STEP + "certificate-truncated",
        "The certificate ends early.",
        Point.CHAIN,
        through(lambda chain: [chain[0][:-1], *chain[1:]]),
        Code.CERTIFICATE,
        decoder=True,
        formats=_X5C,
    ),
    fault(
        _STEP + "certificate-trailing",
        "A byte follows the certificate.",
        Point.CHAIN,
        through(lambda chain: [chain[0] + b"\x00", *chain[1:]]),
        Code.CERTIFICATE,
        decoder=True,
        formats=_X5C,
    ),
    fault(
        _STEP + "certificate-empty",
        "The certificate is empty.",
        Point.CHAIN,
        through(lambda chain: [b"", *chain[1:]]),
        Code.CERTIFICATE,
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

FAULTS = (*_STATEMENT, *_SIGNATURES, *_LEAVES, *_GARBAGE)
