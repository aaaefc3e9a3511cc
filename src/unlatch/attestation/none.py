"""None (section 8.7): the statement is an empty map and says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unlatch.attestation.statement import STATEMENT_PATH, AttestationResult, read_members
from unlatch.terms import AttestationType

if TYPE_CHECKING:
    from unlatch.attestation.rules import StatementRules
    from unlatch.wire import cbor
    from unlatch.wire.authenticator_data import AuthenticatorData

_RESULT = AttestationResult(AttestationType.NONE)
_NOTHING: frozenset[str] = frozenset()


def verify(
    statement: cbor.Value,
    authenticator_data: AuthenticatorData,  # noqa: ARG001  # the signature that all formats share
    client_data_hash: bytes,  # noqa: ARG001  # the signature that all formats share
    *,
    rules: StatementRules,  # noqa: ARG001  # the signature that all formats share
    path: str = STATEMENT_PATH,
) -> AttestationResult:
    """Verify a `none` statement; see `unlatch.attestation.statement.Procedure`."""
    read_members(statement, path, required=_NOTHING)
    return _RESULT
