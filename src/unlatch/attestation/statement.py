"""The result that every statement format returns."""

from __future__ import annotations

from dataclasses import dataclass

from unlatch.terms import AttestationType


@dataclass(frozen=True, slots=True)
class AttestationResult:
    """What a sound statement says: its type, and the certificates (DER, leaf first) that vouch for it."""

    type: AttestationType
    trust_path: tuple[bytes, ...] = ()
