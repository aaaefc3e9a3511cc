"""The `credProtect` extension (CTAP 2.1 section 12.1): what an authenticator wants before it uses a credential."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from unlatch.codes import Code
from unlatch.errors import ExtensionRefused
from unlatch.wire.extensions.reading import bad_input, bad_output


class CredentialProtection(StrEnum):
    """The levels, from the least to the most."""

    USER_VERIFICATION_OPTIONAL = "userVerificationOptional"
    USER_VERIFICATION_OPTIONAL_WITH_CREDENTIAL_ID_LIST = "userVerificationOptionalWithCredentialIDList"
    USER_VERIFICATION_REQUIRED = "userVerificationRequired"

    @property
    def level(self) -> int:
        """As authenticators write it: 1 to 3."""
        return _LEVELS.index(self) + 1


_LEVELS = tuple(CredentialProtection)


def check_input(value: Any, path: str) -> None:
    """`credentialProtectionPolicy`: one of the three names.

    Raises:
        Malformed: Anything else.
    """
    if not isinstance(value, str) or value not in _LEVELS:
        bad_input(path, f"one of {', '.join(_LEVELS)}")


def check_output(value: Any, path: str) -> None:
    """The signed `credProtect`: 1 to 3.

    Raises:
        Malformed: Anything else.
    """
    if type(value) is not int or not 1 <= value <= len(_LEVELS):
        bad_output(path, f"expected a number from 1 to {len(_LEVELS)}")


def read_output(value: int) -> CredentialProtection:
    """The typed form of a checked output."""
    return _LEVELS[value - 1]


def verify_protection(requested: Mapping[str, Any], signed_outputs: Mapping[str, Any]) -> None:
    """The credential is protected at least as asked.

    Without an answer nothing is known, which is fine unless `enforceCredentialProtectionPolicy` was set: that says
    that no credential is better than a less protected one.

    Args:
        requested: Client extension inputs, of any shape.
        signed_outputs: Outputs inside the authenticator data.

    Raises:
        ExtensionRefused: Less protection than asked, or none told where it was to be enforced.
    """
    asked = requested.get("credentialProtectionPolicy")
    if not isinstance(asked, str) or asked not in _LEVELS:
        return
    least = CredentialProtection(asked).level
    granted = signed_outputs.get("credProtect")
    if granted is None and least > 1 and requested.get("enforceCredentialProtectionPolicy") is True:
        raise ExtensionRefused(
            Code.EXTENSION_LESS_THAN_ASKED, "extensions", expected=least, detail="credProtect was to be enforced"
        )
    if type(granted) is int and granted < least:
        raise ExtensionRefused(
            Code.EXTENSION_LESS_THAN_ASKED, "extensions", expected=least, received=granted, detail="credProtect"
        )
