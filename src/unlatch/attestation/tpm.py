"""TPM (section 8.3): an attestation identity key certifies that the credential's key lives in the TPM."""

from __future__ import annotations

import hashlib
import re
from hmac import compare_digest
from typing import TYPE_CHECKING

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
from unlatch.crypto.certificates import SUBJECT_ALTERNATIVE_NAME, extended_key_usage
from unlatch.crypto.names import EMPTY_NAME, alternative_directory_names
from unlatch.terms import AttestationType
from unlatch.wire import tpm
from unlatch.wire.cose import CoseKey, Ec2Key, RsaKey

if TYPE_CHECKING:
    from unlatch.attestation.rules import StatementRules
    from unlatch.crypto.certificates import Certificate
    from unlatch.wire import cbor
    from unlatch.wire.authenticator_data import AuthenticatorData

_REQUIRED = frozenset(("ver", "alg", "x5c", "sig", "certInfo", "pubArea"))
#: tcg-kp-AIKCertificate
_AIK_PURPOSE = "2.23.133.8.3"
#: Attributes of the alternative name (TCG EK Credential Profile section 3.2.9).
_MANUFACTURER, _MODEL, _FIRMWARE = "2.23.133.2.1", "2.23.133.2.2", "2.23.133.2.3"
_MANUFACTURER_ID = re.compile(r"id:[0-9A-Fa-f]{8}")
#: TPM_ALG_ID of a hash, and TPM_ECC_CURVE of a COSE curve.
_HASHES = {0x0004: "sha1", 0x000B: "sha256", 0x000C: "sha384", 0x000D: "sha512"}
_CURVES = {1: 0x0003, 2: 0x0004, 3: 0x0005}


def verify(
    statement: cbor.Value,
    authenticator_data: AuthenticatorData,
    client_data_hash: bytes,
    *,
    rules: StatementRules,
    path: str = STATEMENT_PATH,
) -> AttestationResult:
    """Verify a `tpm` statement; see `unlatch.attestation.statement.Procedure`."""
    members = read_members(statement, path, required=_REQUIRED)
    if members["ver"] != "2.0":
        raise refuse(Code.ATTESTATION_INVALID, "the TPM version", expected="2.0", received=members["ver"])
    algorithm = read_algorithm(members, path, allow_rs1=True)
    signature = read_bytes(members, "sig", path)
    encoded_info = read_bytes(members, "certInfo", path)
    encoded_area = read_bytes(members, "pubArea", path)
    chain = read_chain(members, path)
    attested = attested_data(authenticator_data)

    area = tpm.decode_public_area(encoded_area, f"{path}.pubArea")
    _expect_signing_key(area)
    _expect_same_key(area, attested.public_key)

    info = tpm.decode_certify_info(encoded_info, f"{path}.certInfo")
    if info is None:
        raise refuse(Code.ATTESTATION_INVALID, "certInfo is not what a TPM generates when it certifies a key")
    if not algorithm.hash:
        raise refuse(Code.ATTESTATION_INVALID, f"{algorithm.name} names no hash for extraData")
    signed = hashlib.new(algorithm.hash, authenticator_data.raw + client_data_hash).digest()
    if not compare_digest(info.extra_data, signed):
        raise refuse(
            Code.ATTESTATION_INVALID,
            "certInfo.extraData is for another ceremony",
            expected=signed,
            received=info.extra_data,
        )
    _expect_name(info.name, encoded_area, area.name_algorithm, rules)

    leaf = chain[0]
    expect_signature(leaf.public_key(), algorithm, signature, encoded_info)
    _expect_certificate(leaf, rules)
    expect_aaguid(leaf, attested.aaguid)
    return AttestationResult(AttestationType.ATTCA, chain)


def _expect_signing_key(area: tpm.PublicArea) -> None:
    """The object is a key that signs with a scheme WebAuthn knows, or leaves the scheme to the caller."""
    if area.has_undefined_attributes or not area.attributes & tpm.SIGN_ENCRYPT:
        raise refuse(
            Code.ATTESTATION_INVALID,
            "pubArea.objectAttributes are not a signing key's",
            received=f"0x{area.attributes:08x}",
        )
    parameters = area.parameters
    schemes = (tpm.NULL, tpm.ECDSA) if isinstance(parameters, tpm.EccParameters) else (tpm.NULL, tpm.RSASSA, tpm.RSAPSS)
    if parameters.symmetric != tpm.NULL or parameters.scheme not in schemes:
        raise refuse(
            Code.ATTESTATION_INVALID,
            "pubArea.parameters are not a signing key's",
            received=(parameters.symmetric, parameters.scheme),
        )


def _expect_same_key(area: tpm.PublicArea, key: CoseKey) -> None:
    parameters = area.parameters
    if isinstance(key, RsaKey):
        same = (
            isinstance(parameters, tpm.RsaParameters)
            and (parameters.modulus, parameters.exponent) == (key.n, key.e)
            and parameters.key_bits == key.n.bit_length()
        )
    else:
        same = (
            isinstance(key, Ec2Key)
            and isinstance(parameters, tpm.EccParameters)
            and parameters.curve == _CURVES.get(key.curve.crv)
            and parameters.x == int.from_bytes(key.x, "big")
            and parameters.y == int.from_bytes(key.y, "big")
        )
    if not same:
        raise refuse(Code.ATTESTATION_KEY_MISMATCH, "pubArea is another key than the credential's")


def _expect_name(name: bytes, encoded_area: bytes, name_algorithm: int, rules: StatementRules) -> None:
    """``attested.name`` is the hash algorithm, and the digest of pubArea with it (TPM 2.0 part 1 section 16)."""
    prefix = int.from_bytes(name[:2], "big") if rules.tpm_name_by_own_prefix else name_algorithm
    digest = _HASHES.get(prefix)
    if digest is None:
        raise refuse(Code.ATTESTATION_INVALID, "an unknown hash for the name of pubArea", received=prefix)
    expected = prefix.to_bytes(2, "big") + hashlib.new(digest, encoded_area).digest()
    if not compare_digest(name, expected):
        raise refuse(Code.ATTESTATION_INVALID, "certInfo certifies another object", expected=expected, received=name)


def _expect_certificate(certificate: Certificate, rules: StatementRules) -> None:
    """The certificate requirements of section 8.3.1 that do not depend on the authenticator."""
    expect_version_3(certificate)
    if certificate.subject != EMPTY_NAME:
        raise refuse(Code.ATTESTATION_CERTIFICATE, "the subject of the certificate is not empty")
    alternative = certificate.extensions.get(SUBJECT_ALTERNATIVE_NAME)
    if rules.tpm_critical_name and (alternative is None or not alternative.critical):
        raise refuse(Code.ATTESTATION_CERTIFICATE, "beside an empty subject the alternative name must be critical")
    for name in alternative_directory_names(certificate):
        manufacturer, model, firmware = name.get(_MANUFACTURER), name.get(_MODEL), name.get(_FIRMWARE)
        if manufacturer and model and firmware and all((manufacturer[0], model[0], firmware[0])):
            break
    else:
        raise refuse(
            Code.ATTESTATION_CERTIFICATE, "the alternative name does not tell manufacturer, model and version of a TPM"
        )
    if not _MANUFACTURER_ID.fullmatch(manufacturer[0]):
        raise refuse(Code.ATTESTATION_CERTIFICATE, "the TPM manufacturer is no vendor id", received=manufacturer)
    known = rules.tpm_manufacturers
    if known is not None and manufacturer[0].upper().replace("ID:", "id:") not in known:
        raise refuse(
            Code.ATTESTATION_CERTIFICATE, "the TPM manufacturer is not accepted", expected=known, received=manufacturer
        )
    if _AIK_PURPOSE not in extended_key_usage(certificate):
        raise refuse(Code.ATTESTATION_CERTIFICATE, "the certificate is not for an attestation identity key")
    expect_end_entity(certificate, explicit=rules.explicit_basic_constraints)
