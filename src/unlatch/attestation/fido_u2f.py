"""FIDO U2F (section 8.6): the registration message of a U2F device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unlatch.attestation.statement import (
    STATEMENT_PATH,
    AttestationResult,
    attested_data,
    expect_signature,
    read_bytes,
    read_chain,
    read_members,
    refuse,
)
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import ZERO_AAGUID, AttestationType
from unlatch.wire.algorithms import ALGORITHMS
from unlatch.wire.cose import Ec2Key

if TYPE_CHECKING:
    from unlatch.attestation.rules import StatementRules
    from unlatch.wire import cbor
    from unlatch.wire.authenticator_data import AuthenticatorData

_REQUIRED = frozenset(("x5c", "sig"))
#: U2F knows one algorithm, for credentials and for attestation.
_ES256 = ALGORITHMS[-7]


def verify(
    statement: cbor.Value,
    authenticator_data: AuthenticatorData,
    client_data_hash: bytes,
    *,
    rules: StatementRules,
    path: str = STATEMENT_PATH,
) -> AttestationResult:
    """Verify a `fido-u2f` statement; see `unlatch.attestation.statement.Procedure`."""
    members = read_members(statement, path, required=_REQUIRED)
    signature = read_bytes(members, "sig", path)
    chain = read_chain(members, path, miscounts=True)
    if len(chain) != 1:
        raise Malformed(Code.ATTESTATION_STATEMENT, f"{path}.x5c", "exactly one certificate")
    attested = attested_data(authenticator_data)
    key = attested.public_key
    if not isinstance(key, Ec2Key) or key.algorithm is not _ES256:
        raise refuse(Code.ATTESTATION_KEY_MISMATCH, "a U2F credential is an ES256 key", received=key.algorithm.id)
    if rules.u2f_zero_aaguid and attested.aaguid != ZERO_AAGUID:
        raise refuse(Code.ATTESTATION_INVALID, "a U2F device has no AAGUID", received=attested.aaguid)
    signed = b"".join(
        (b"\x00", authenticator_data.rp_id_hash, client_data_hash, attested.credential_id, b"\x04", key.x, key.y)
    )
    # ES256 is bound to P-256: a certificate with a key on another curve verifies nothing.
    expect_signature(chain[0].public_key(), _ES256, signature, signed)
    return AttestationResult(AttestationType.BASIC_OR_ATTCA, chain)
