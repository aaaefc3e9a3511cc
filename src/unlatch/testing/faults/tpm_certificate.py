"""Faults of the attestation certificate in the `tpm` format (section 8.3.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unlatch.codes import Code
from unlatch.testing import der
from unlatch.testing.certificates import (
    AAGUID_EXTENSION,
    BASIC_CONSTRAINTS,
    EXTENDED_KEY_USAGE,
    SUBJECT_ALTERNATIVE_NAME,
    Extension,
    Template,
    aaguid_extension,
    basic_constraints,
    name,
)
from unlatch.testing.faults.fault import Rule
from unlatch.testing.faults.writing import fault, fields, through
from unlatch.testing.points import Point
from unlatch.testing.statements.android_safetynet import host_names
from unlatch.testing.statements.tpm import TpmSettings

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault
    from unlatch.testing.scene import Scene

_FORMATS = ("tpm",)
_STEP = "registration.attestation-statement.tpm-"


def _leaf(name: str, what: str, change: Change) -> Fault:
    return fault(_STEP + name, what, Point.LEAF, change, Code.ATTESTATION_CERTIFICATE, formats=_FORMATS)


def _alternative_name(settings: TpmSettings) -> Change:
    """The alternative name of another TPM; an empty text leaves its attribute out."""
    return through(lambda leaf: leaf.with_extension(settings.alternative_name))


def _critical_aaguid(leaf: Template, scene: Scene) -> Template:
    return leaf.with_extension(replace(aaguid_extension(scene.authenticator.aaguid), critical=True))


FAULTS = (
    _leaf("version-1", "The attestation certificate is of version 1.", fields(version=1)),
    _leaf(
        "subject",
        "The attestation certificate has a subject.",
        fields(subject=name(unit="Authenticator Attestation", common_name="TPM")),
    ),
    _leaf(
        "no-alternative-name",
        "The attestation certificate has no alternative name.",
        through(lambda leaf: leaf.without_extension(SUBJECT_ALTERNATIVE_NAME)),
    ),
    _leaf(
        "host-name",
        "The alternative name is a host's.",
        through(lambda leaf: leaf.with_extension(host_names("tpm.example.org"))),
    ),
    _leaf(
        "no-manufacturer",
        "The alternative name tells no manufacturer.",
        _alternative_name(TpmSettings(manufacturer="")),
    ),
    _leaf("no-model", "The alternative name tells no model.", _alternative_name(TpmSettings(model=""))),
    _leaf("no-version", "The alternative name tells no version.", _alternative_name(TpmSettings(version=""))),
    _leaf(
        "manufacturer-name",
        "The manufacturer is a name instead of an identifier.",
        _alternative_name(TpmSettings(manufacturer="Infineon")),
    ),
    _leaf(
        "manufacturer-short",
        "The manufacturer's identifier is too short.",
        _alternative_name(TpmSettings(manufacturer="id:4946")),
    ),
    fault(
        _STEP + "manufacturer-unknown",
        "The manufacturer's identifier is not assigned.",
        Point.LEAF,
        _alternative_name(TpmSettings(manufacturer="id:00000001")),
        Code.ATTESTATION_CERTIFICATE,
        formats=_FORMATS,
        rule=Rule.TPM_MANUFACTURERS,
    ),
    _leaf(
        "no-key-purpose",
        "The attestation certificate names no purpose.",
        through(lambda leaf: leaf.without_extension(EXTENDED_KEY_USAGE)),
    ),
    _leaf(
        "other-key-purpose",
        "The attestation certificate is for a web server.",
        through(
            lambda leaf: leaf.with_extension(Extension(EXTENDED_KEY_USAGE, der.sequence(der.oid("1.3.6.1.5.5.7.3.1"))))
        ),
    ),
    _leaf(
        "authority",
        "The attestation certificate is one of a certification authority.",
        through(lambda leaf: leaf.with_extension(basic_constraints(authority=True))),
    ),
    _leaf(
        "no-basic-constraints",
        "The attestation certificate has no basic constraints.",
        through(lambda leaf: leaf.without_extension(BASIC_CONSTRAINTS)),
    ),
    _leaf(
        "aaguid-other",
        "The attestation certificate is for another model.",
        through(lambda leaf: leaf.with_extension(aaguid_extension(b"\x02" * 16))),
    ),
    _leaf("aaguid-critical", "The AAGUID extension is critical.", _critical_aaguid),
    fault(
        _STEP + "aaguid-bare",
        "The AAGUID stands in its extension without an inner octet string.",
        Point.LEAF,
        lambda leaf, scene: leaf.with_extension(Extension(AAGUID_EXTENSION, scene.authenticator.aaguid)),
        Code.DER,
        decoder=True,
        formats=_FORMATS,
    ),
)
