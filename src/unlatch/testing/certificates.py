"""A test certification authority that issues any certificate it is told to.

Certificates are written with our own DER writer instead of a builder, because builders refuse the very mistakes that
a relying party has to notice: version 1, a missing organisational unit, a critical AAGUID extension, a wrong inner
encoding.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from unlatch.testing import der
from unlatch.testing.keys import KeyPair

COUNTRY, ORGANISATION, UNIT, COMMON_NAME = "2.5.4.6", "2.5.4.10", "2.5.4.11", "2.5.4.3"
BASIC_CONSTRAINTS, KEY_USAGE, SUBJECT_ALTERNATIVE_NAME, EXTENDED_KEY_USAGE = (
    "2.5.29.19",
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.37",
)
#: id-fido-gen-ce-aaguid, -fw-version and -sernum, sections 8.2.1 and 8.2.2.
AAGUID_EXTENSION, FIRMWARE_EXTENSION, SERIAL_NUMBER_EXTENSION = (
    "1.3.6.1.4.1.45724.1.1.4",
    "1.3.6.1.4.1.45724.1.1.5",
    "1.3.6.1.4.1.45724.1.1.2",
)

# Wide enough that no clock of a test machine falls outside.
_NOT_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
_NOT_AFTER = datetime(2120, 1, 1, tzinfo=UTC)

_SIGNATURE_OIDS = {
    -7: "1.2.840.10045.4.3.2",
    -35: "1.2.840.10045.4.3.3",
    -36: "1.2.840.10045.4.3.4",
    -8: "1.3.101.112",
    -257: "1.2.840.113549.1.1.11",
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a name: its OID and the encoded value."""

    oid: str
    value: bytes


#: A distinguished name, one attribute in each relative name.
Name = tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension: OID, the DER that stands inside its OCTET STRING, and whether it is critical."""

    oid: str
    value: bytes
    critical: bool = False

    def encode(self) -> bytes:
        """The `Extension` of RFC 5280 section 4.1."""
        flag = (der.boolean(True),) if self.critical else ()
        return der.sequence(der.oid(self.oid), *flag, der.octet_string(self.value))


@dataclass(frozen=True, slots=True)
class Template:
    """Everything a certificate says apart from its issuer.

    Attributes:
        subject: The subject's name; empty for TPM attestation keys.
        spki: DER `SubjectPublicKeyInfo`.
        extensions: In the order in which they are written.
        version: 3 unless a test wants otherwise (version 1 writes neither version field nor extensions).
        not_before, not_after: Aware datetimes.
        serial: Serial number.
    """

    subject: Name
    spki: bytes
    extensions: tuple[Extension, ...] = ()
    version: int = 3
    not_before: datetime = _NOT_BEFORE
    not_after: datetime = _NOT_AFTER
    serial: int = field(default_factory=lambda: secrets.randbits(120) | 1)

    def with_extension(self, extension: Extension) -> Template:
        """A copy in which `extension` stands in place of the one with its OID, or at the end."""
        kept = tuple(extension if each.oid == extension.oid else each for each in self.extensions)
        return replace(self, extensions=kept if extension in kept else (*kept, extension))

    def without_extension(self, oid: str) -> Template:
        """A copy without the extension `oid`."""
        return replace(self, extensions=tuple(each for each in self.extensions if each.oid != oid))

    def with_attribute(self, oid: str, value: bytes | None) -> Template:
        """A copy whose subject has `value` under `oid`, or lacks that attribute when `value` is None."""
        changed = (Attribute(oid, value or b"") if each.oid == oid else each for each in self.subject)
        return replace(self, subject=tuple(each for each in changed if each.oid != oid or value is not None))


@dataclass(frozen=True, slots=True)
class Authority:
    """A certification authority: name, key, its own certificate, and the certificates up to but without the root.

    Attributes:
        name: Subject of its certificate, issuer of those it issues.
        key: The signing key.
        certificate: DER.
        path: What an attestation statement sends after the leaf: this authority's certificate and the intermediates
            above it; empty for a root.
    """

    name: Name
    key: KeyPair
    certificate: bytes
    path: tuple[bytes, ...] = ()

    @classmethod
    def root(
        cls, common_name: str = "Unlatch Test Root", *, change: Callable[[Template], Template] | None = None
    ) -> Authority:
        """A fresh self-signed root."""
        key = KeyPair.generate(-7)
        template = authority_template(common_name, key)
        template = change(template) if change else template
        return cls(template.subject, key, sign(template, issuer=template.subject, key=key))

    def subordinate(
        self, common_name: str = "Unlatch Test CA 1", *, change: Callable[[Template], Template] | None = None
    ) -> Authority:
        """A fresh authority below this one; `change` may bend its certificate."""
        key = KeyPair.generate(-7)
        template = authority_template(common_name, key)
        template = change(template) if change else template
        certificate = self.issue(template)
        return Authority(template.subject, key, certificate, (certificate, *self.path))

    def issue(self, template: Template) -> bytes:
        """The DER certificate of `template`, signed by this authority."""
        return sign(template, issuer=self.name, key=self.key)


def name(*, country: str = "SE", organisation: str = "Unlatch Test", unit: str, common_name: str) -> Name:
    """A name with the four attributes that section 8.2.1 asks for."""
    return (
        Attribute(COUNTRY, der.printable(country)),
        Attribute(ORGANISATION, der.utf8(organisation)),
        Attribute(UNIT, der.utf8(unit)),
        Attribute(COMMON_NAME, der.utf8(common_name)),
    )


def authority_template(common_name: str, key: KeyPair) -> Template:
    """A certification authority's certificate: CA flag and certificate-signing key usage, both critical."""
    return Template(
        name(unit="Authenticator Attestation CA", common_name=common_name),
        key.spki,
        (basic_constraints(authority=True), Extension(KEY_USAGE, der.bit_string(b"\x06", unused=1), critical=True)),
    )


def basic_constraints(*, authority: bool) -> Extension:
    """The Basic Constraints extension."""
    return Extension(BASIC_CONSTRAINTS, der.sequence(*((der.boolean(True),) if authority else ())), critical=True)


def aaguid_extension(aaguid: bytes) -> Extension:
    """The AAGUID extension of section 8.2.1: an OCTET STRING inside the extension's OCTET STRING."""
    return Extension(AAGUID_EXTENSION, der.octet_string(aaguid))


def sign(template: Template, *, issuer: Name, key: KeyPair) -> bytes:
    """The DER of `template`, issued by `issuer` and signed with `key`."""
    identifier = der.oid(_SIGNATURE_OIDS[key.algorithm.id])
    algorithm = der.sequence(identifier, der.NULL) if key.algorithm.family == "pkcs1" else der.sequence(identifier)
    version = () if template.version == 1 else (der.context(0, der.integer(template.version - 1)),)
    extensions = (
        (der.context(3, der.sequence(*(each.encode() for each in template.extensions))),)
        if template.extensions and template.version == 3
        else ()
    )
    to_be_signed = der.sequence(
        *version,
        der.integer(template.serial),
        algorithm,
        _encode_name(issuer),
        der.sequence(der.time(template.not_before), der.time(template.not_after)),
        _encode_name(template.subject),
        template.spki,
        *extensions,
    )
    return der.sequence(to_be_signed, algorithm, der.bit_string(key.sign(to_be_signed)))


def _encode_name(attributes: Name) -> bytes:
    return der.sequence(*(der.set_of(der.sequence(der.oid(each.oid), each.value)) for each in attributes))
