"""What a relying party asks of an attestation, and what a verdict is worth to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from unlatch.attestation.formats import DEFAULT_FORMATS
from unlatch.attestation.rules import StatementRules
from unlatch.attestation.statement import AttestationResult
from unlatch.terms import AttestationConveyance, AttestationType, TrustVerdict
from unlatch.wire.authenticator_data import AttestedCredentialData


@dataclass(frozen=True, slots=True)
class AttestationVerdict:
    """Format, type and trust of one attestation."""

    format: str
    type: AttestationType
    trust: TrustVerdict
    trust_path: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationPolicy:
    """The zero value asks for no attestation."""

    conveyance: AttestationConveyance = AttestationConveyance.NONE
    formats: tuple[str, ...] = DEFAULT_FORMATS
    preferred_formats: tuple[str, ...] = ()
    rules: StatementRules = field(default_factory=StatementRules)

    def assess(
        self, format: str, result: AttestationResult, attested: AttestedCredentialData, *, now: datetime
    ) -> AttestationVerdict:
        """Say what the result is worth."""
        return AttestationVerdict(format, result.type, TrustVerdict.NONE, result.trust_path)
