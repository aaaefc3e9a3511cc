"""Apple anonymous attestation (section 8.8): a certificate made for this one ceremony."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from unlatch.attestation.leaf import expect_credential_key
from unlatch.attestation.statement import (
    STATEMENT_PATH,
    AttestationResult,
    attested_data,
    read_chain,
    read_members,
    refuse,
)
from unlatch.codes import Code
from unlatch.terms import AttestationType
from unlatch.wire import der

if TYPE_CHECKING:
    from unlatch.attestation.rules import StatementRules
    from unlatch.wire import cbor
    from unlatch.wire.authenticator_data import AuthenticatorData

_REQUIRED = frozenset(("x5c",))
#: iOS 14 wrote the credential's algorithm beside the certificates; the specification has no such member.
_OPTIONAL = frozenset(("alg",))
_NONCE_EXTENSION = "1.2.840.113635.100.8.2"
_NONCE = 0xA1


def verify(
    statement: cbor.Value,
    authenticator_data: AuthenticatorData,
    client_data_hash: bytes,
    *,
    rules: StatementRules,  # noqa: ARG001  # the signature that all formats share
    path: str = STATEMENT_PATH,
) -> AttestationResult:
    """Verify an `apple` statement; see `unlatch.attestation.statement.Procedure`."""
    members = read_members(statement, path, required=_REQUIRED, optional=_OPTIONAL)
    chain = read_chain(members, path)
    leaf = chain[0]
    extension = leaf.extensions.get(_NONCE_EXTENSION)
    if extension is None:
        raise refuse(Code.ATTESTATION_CERTIFICATE, "the certificate has no nonce")
    # SEQUENCE { [1] EXPLICIT OCTET STRING }
    fields = der.Cursor(der.decode(extension.value, der.SEQUENCE, leaf.path).content, leaf.path)
    received = der.decode(fields.take(_NONCE).content, der.OCTET_STRING, leaf.path).content
    fields.expect_end()
    expected = hashlib.sha256(authenticator_data.raw + client_data_hash).digest()
    if received != expected:
        raise refuse(
            Code.ATTESTATION_INVALID, "the certificate is for another ceremony", expected=expected, received=received
        )
    key = attested_data(authenticator_data).public_key
    expect_credential_key(leaf, key)
    algorithm = members.get("alg", key.algorithm.id)
    if type(algorithm) is not int or algorithm != key.algorithm.id:
        raise refuse(
            Code.ATTESTATION_KEY_MISMATCH,
            "the algorithm is not the credential's",
            expected=key.algorithm.id,
            received=algorithm,
        )
    return AttestationResult(AttestationType.ANONCA, chain)
