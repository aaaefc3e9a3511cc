"""The refusal of a trust path, in a file that loads no certificates: a policy names it long before it reads one."""

from __future__ import annotations

from unlatch.codes import Code
from unlatch.errors import AttestationRefused

#: The step at which a path is refused (step 24 of section 7.1).
TRUST_STEP = "attestation-trust"


def untrusted(detail: str) -> AttestationRefused:
    """The error of a path that leads nowhere, to be raised by the caller."""
    return AttestationRefused(Code.ATTESTATION_NOT_TRUSTED, TRUST_STEP, detail=detail)


def graver(refusal: AttestationRefused | None, other: AttestationRefused) -> AttestationRefused:
    """The refusal that counts: that a certificate is revoked outweighs that another path leads nowhere."""
    return other if refusal is None or refusal.code is Code.ATTESTATION_NOT_TRUSTED else refusal
