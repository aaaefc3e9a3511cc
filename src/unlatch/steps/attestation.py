"""Steps about the attestation: format, statement, trust (7.1 steps 21 to 24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from unlatch.attestation.policy import AttestationPolicy, AttestationVerdict
    from unlatch.attestation.statement import AttestationResult
    from unlatch.wire.attestation_object import AttestationObject


def verify_format(attestation_object: AttestationObject, policy: AttestationPolicy) -> None:
    """The statement format is, letter by letter, one that this relying party supports."""
    policy.procedure(attestation_object.format)


def verify_statement(
    attestation_object: AttestationObject, client_data_hash: bytes, policy: AttestationPolicy
) -> AttestationResult:
    """The statement is sound by its format's procedure, whatever trust is asked for.

    Returns:
        The attestation type and the trust path.
    """
    procedure = policy.procedure(attestation_object.format)
    return procedure(
        attestation_object.statement, attestation_object.authenticator_data, client_data_hash, rules=policy.rules
    )


def assess_trust(
    attestation_object: AttestationObject, result: AttestationResult, policy: AttestationPolicy, now: datetime
) -> AttestationVerdict:
    """Look for an anchor of the trust path, and ask the policy whether that is enough.

    Returns:
        Type, verdict and path; the verdict is `anchored` only if an anchor was named and reached.
    """
    return policy.assess(attestation_object.format, result, attestation_object.attested, now=now)
