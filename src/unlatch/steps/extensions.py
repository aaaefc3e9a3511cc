"""Steps about extension outputs (7.1 step 28, 7.2 step 23).

Every extension may be ignored by client and authenticator, so a missing output never fails (but see
`verify_protection` where enforcement was asked for); outputs that nobody asked for are ignored unless the policy
refuses them; an output that is there has the right form and answers what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from unlatch.codes import Code
from unlatch.errors import ExtensionRefused
from unlatch.terms import CeremonyKind


class UnsolicitedExtensions(StrEnum):
    """What to do about outputs of extensions that were not requested."""

    IGNORE = "ignore"
    REFUSE = "refuse"


def verify_extensions(
    requested: Mapping[str, Any],
    client_outputs: Mapping[str, Any],
    signed_outputs: Mapping[str, Any],
    unsolicited: UnsolicitedExtensions,
    *,
    ceremony: CeremonyKind,
    credential_id: bytes,
) -> tuple[str, ...]:
    """Outputs answer what was requested.

    Args:
        requested: Client extension inputs of the options.
        client_outputs: Unsigned outputs (`clientExtensionResults`).
        signed_outputs: Outputs inside the authenticator data.
        unsolicited: What to do about the rest.
        ceremony: Which one it is.
        credential_id: Of the credential that was made or used.

    Returns:
        Identifiers of outputs that were not requested.

    Raises:
        ExtensionRefused: An unsolicited output under `REFUSE`, less than was asked for, or an answer to something else.
        Malformed: An output of a known extension with the wrong type, range or length.
    """
    if requested and ceremony is CeremonyKind.REGISTRATION:
        # Before the range of the output: a level below all levels is, first of all, less than was asked.
        from unlatch.wire.extensions import credential_protection

        credential_protection.verify_protection(requested, signed_outputs)
    if not client_outputs and not signed_outputs:
        return ()
    from unlatch.wire.extensions import large_blob, prf, shapes

    shapes.check_outputs(ceremony, client_outputs, signed_outputs)
    surplus = shapes.unsolicited_outputs(requested, client_outputs, signed_outputs)
    if surplus and unsolicited is UnsolicitedExtensions.REFUSE:
        raise ExtensionRefused(
            Code.EXTENSION_UNSOLICITED, "extensions", expected=sorted(requested), received=list(surplus)
        )
    if "prf" in requested and "prf" in client_outputs:
        prf.verify_results(requested["prf"], client_outputs["prf"], credential_id)
    if "largeBlob" in requested and "largeBlob" in client_outputs:
        large_blob.verify_output(requested["largeBlob"], client_outputs["largeBlob"])
    return surplus
