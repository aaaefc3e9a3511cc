"""Steps about extension outputs (7.1 step 28, 7.2 step 23).

Every extension may be ignored by client and authenticator, so a missing output never fails; outputs that nobody asked
for are ignored unless the policy refuses them; an output that is there must be what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from unlatch.codes import Code
from unlatch.errors import ExtensionRefused
from unlatch.wire import extensions


class UnsolicitedExtensions(StrEnum):
    """What to do about outputs of extensions that were not requested."""

    IGNORE = "ignore"
    REFUSE = "refuse"


def verify_extensions(
    requested: Mapping[str, Any],
    client_outputs: Mapping[str, Any],
    signed_outputs: Mapping[str, Any],
    unsolicited: UnsolicitedExtensions,
) -> tuple[str, ...]:
    """Outputs answer what was requested.

    Args:
        requested: Client extension inputs of the options.
        client_outputs: Unsigned outputs (`clientExtensionResults`).
        signed_outputs: Outputs inside the authenticator data.
        unsolicited: What to do about the rest.

    Returns:
        Identifiers of outputs that were not requested.

    Raises:
        ExtensionRefused: An unsolicited output under `REFUSE`, or less protection than was asked for.
        Malformed: An output of a known extension with the wrong type.
    """
    extensions.check_outputs(client_outputs, signed_outputs)
    surplus = extensions.unsolicited_outputs(requested, client_outputs, signed_outputs)
    if surplus and unsolicited is UnsolicitedExtensions.REFUSE:
        raise ExtensionRefused(
            Code.EXTENSION_UNSOLICITED, "extensions", expected=sorted(requested), received=list(surplus)
        )
    asked = extensions.requested_protection(requested)
    granted = signed_outputs.get("credProtect")
    if asked is not None and isinstance(granted, int) and granted < asked:
        raise ExtensionRefused(Code.EXTENSION_LESS_THAN_ASKED, "extensions", expected=asked, received=granted)
    return surplus
