"""Packed (section 8.2): a signature by an attestation certificate's key, or by the new credential itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unlatch.attestation.countries import COUNTRY_CODES
from unlatch.attestation.leaf import expect_aaguid, expect_end_entity, expect_version_3
from unlatch.attestation.statement import (
    STATEMENT_PATH,
    AttestationResult,
    attested_data,
    expect_signature,
    read_algorithm,
    read_bytes,
    read_chain,
    read_members,
    refuse,
)
from unlatch.codes import Code
from unlatch.crypto.names import COMMON_NAME, COUNTRY, ORGANIZATION, ORGANIZATIONAL_UNIT, name_attributes
from unlatch.crypto.signatures import load_key
from unlatch.terms import AttestationType
from unlatch.wire import der

if TYPE_CHECKING:
    from unlatch.attestation.rules import StatementRules
    from unlatch.crypto.certificates import Certificate
    from unlatch.wire import cbor
    from unlatch.wire.authenticator_data import AuthenticatorData

#: id-fido-gen-ce-fw-version and id-fido-gen-ce-sernum (sections 8.2.1 and 8.2.2).
FIRMWARE_EXTENSION = "1.3.6.1.4.1.45724.1.1.5"
SERIAL_NUMBER_EXTENSION = "1.3.6.1.4.1.45724.1.1.2"

_UNIT = "Authenticator Attestation"
_REQUIRED = frozenset(("alg", "sig"))
_OPTIONAL = frozenset(("x5c",))


def verify(
    statement: cbor.Value,
    authenticator_data: AuthenticatorData,
    client_data_hash: bytes,
    *,
    rules: StatementRules,
    path: str = STATEMENT_PATH,
) -> AttestationResult:
    """Verify a `packed` statement; see `unlatch.attestation.statement.Procedure`."""
    members = read_members(statement, path, required=_REQUIRED, optional=_OPTIONAL)
    algorithm = read_algorithm(members, path)
    signature = read_bytes(members, "sig", path)
    signed = authenticator_data.raw + client_data_hash
    attested = attested_data(authenticator_data)
    if "x5c" not in members:
        key = attested.public_key
        if algorithm is not key.algorithm:
            raise refuse(
                Code.ATTESTATION_KEY_MISMATCH,
                "self attestation with another algorithm than the credential's",
                expected=key.algorithm.id,
                received=algorithm.id,
            )
        expect_signature(load_key(key), algorithm, signature, signed)
        return AttestationResult(AttestationType.SELF)
    chain = read_chain(members, path)
    leaf = chain[0]
    expect_signature(leaf.public_key(), algorithm, signature, signed)
    _expect_certificate(leaf, rules)
    expect_aaguid(leaf, attested.aaguid)
    return AttestationResult(AttestationType.BASIC_OR_ATTCA, chain)


def _expect_certificate(certificate: Certificate, rules: StatementRules) -> None:
    """The certificate requirements of section 8.2.1 that do not depend on the authenticator."""
    expect_version_3(certificate)
    if rules.packed_subject:
        _expect_subject(certificate)
    expect_end_entity(certificate, explicit=rules.explicit_basic_constraints)
    for identifier, kind in ((FIRMWARE_EXTENSION, der.INTEGER), (SERIAL_NUMBER_EXTENSION, der.OCTET_STRING)):
        extension = certificate.extensions.get(identifier)
        if extension is None:
            continue
        if extension.critical:
            raise refuse(Code.ATTESTATION_CERTIFICATE, f"extension {identifier} must not be critical")
        value = der.decode(extension.value, kind, certificate.path)
        if kind == der.INTEGER and der.integer(value, certificate.path) < 0:
            raise refuse(Code.ATTESTATION_CERTIFICATE, "a firmware version below 0")


def _expect_subject(certificate: Certificate) -> None:
    subject = name_attributes(certificate.subject, certificate.path)
    countries = subject.get(COUNTRY, ())
    # X.520 compares countryName by caseIgnoreMatch, so "us" is the value "US".
    if not countries or not all(country.isascii() and country.upper() in COUNTRY_CODES for country in countries):
        raise refuse(Code.ATTESTATION_CERTIFICATE, "subject C is no ISO 3166 code", received=countries)
    for name, kind in (("O", ORGANIZATION), ("CN", COMMON_NAME)):
        if not any(value.strip() for value in subject.get(kind, ())):
            raise refuse(Code.ATTESTATION_CERTIFICATE, f"subject {name} is missing or empty")
    units = subject.get(ORGANIZATIONAL_UNIT, ())
    if _UNIT not in units:
        raise refuse(Code.ATTESTATION_CERTIFICATE, "subject OU", expected=_UNIT, received=units)
