"""Android Key (section 8.4): the keystore certifies the credential's key and says how it may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unlatch.attestation.key_description import KEY_DESCRIPTION, decode_key_description
from unlatch.attestation.leaf import expect_credential_key
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
from unlatch.terms import AttestationType

if TYPE_CHECKING:
    from unlatch.attestation.key_description import KeyDescription
    from unlatch.attestation.rules import StatementRules
    from unlatch.wire import cbor
    from unlatch.wire.authenticator_data import AuthenticatorData

_REQUIRED = frozenset(("alg", "sig", "x5c"))
_GENERATED = 0
_SIGN_ONLY, _SIGN_AND_VERIFY = frozenset((2,)), frozenset((2, 3))


def verify(
    statement: cbor.Value,
    authenticator_data: AuthenticatorData,
    client_data_hash: bytes,
    *,
    rules: StatementRules,
    path: str = STATEMENT_PATH,
) -> AttestationResult:
    """Verify an `android-key` statement; see `unlatch.attestation.statement.Procedure`."""
    members = read_members(statement, path, required=_REQUIRED)
    algorithm = read_algorithm(members, path)
    signature = read_bytes(members, "sig", path)
    chain = read_chain(members, path)
    leaf = chain[0]
    expect_signature(leaf.public_key(), algorithm, signature, authenticator_data.raw + client_data_hash)
    expect_credential_key(leaf, attested_data(authenticator_data).public_key)
    extension = leaf.extensions.get(KEY_DESCRIPTION)
    if extension is None:
        raise refuse(Code.ATTESTATION_CERTIFICATE, "the certificate does not describe the key")
    if any(KEY_DESCRIPTION in certificate.extensions for certificate in chain[1:]):
        # A key that was itself attested by an app must not vouch for others.
        raise refuse(Code.ATTESTATION_CERTIFICATE, "a key description above the attestation certificate")
    description = decode_key_description(extension.value, leaf.path)
    if description.challenge != client_data_hash:
        raise refuse(
            Code.ATTESTATION_INVALID,
            "attestationChallenge is for another ceremony",
            expected=client_data_hash,
            received=description.challenge,
        )
    _expect_authorizations(description, rules)
    return AttestationResult(AttestationType.BASIC, chain)


def _expect_authorizations(description: KeyDescription, rules: StatementRules) -> None:
    """Bound to one app, made in the keystore, and for nothing but signing."""
    software, hardware = description.software, description.hardware
    if software.all_applications or hardware.all_applications:
        raise refuse(Code.ATTESTATION_INVALID, "the key is open to all applications")
    if min(description.security_levels) < rules.android_key_security_level:
        raise refuse(
            Code.ATTESTATION_INVALID,
            "the security levels of the attestation and of the key",
            expected=f"at least {rules.android_key_security_level}",
            received=description.security_levels,
        )
    lists = (hardware,) if rules.android_key_hardware_only else (software, hardware)
    origins = {entry.origin for entry in lists if entry.origin is not None}
    purposes = frozenset[int]().union(*(entry.purposes for entry in lists if entry.purposes is not None))
    if rules.android_key_absent_lists and not origins and not purposes:
        return
    if origins != {_GENERATED}:
        raise refuse(Code.ATTESTATION_INVALID, "the key's origin", expected=_GENERATED, received=origins)
    if purposes != _SIGN_ONLY and not (rules.android_key_verify_purpose and purposes == _SIGN_AND_VERIFY):
        raise refuse(Code.ATTESTATION_INVALID, "the key's purposes", expected=_SIGN_ONLY, received=purposes)
