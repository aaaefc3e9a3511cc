"""The `none` statement format (section 8.7)."""

from __future__ import annotations

from unlatch.attestation.rules import StatementRules
from unlatch.attestation.statement import AttestationResult
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import AttestationType
from unlatch.wire import cbor
from unlatch.wire.authenticator_data import AuthenticatorData


def verify(
    statement: cbor.Value, authenticator_data: AuthenticatorData, client_data_hash: bytes, *, rules: StatementRules
) -> AttestationResult:
    """An empty map says nothing, and nothing else is allowed (CDDL of section 8.7)."""
    if statement != {}:
        raise Malformed(Code.ATTESTATION_STATEMENT, "response.attestationObject.attStmt", "`none` has an empty map")
    return AttestationResult(AttestationType.NONE)
