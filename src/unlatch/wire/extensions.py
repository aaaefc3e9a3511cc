"""Which outputs belong to which extension inputs, and of what type they are (sections 9 and 10, CTAP 2.1 section 12).

Client outputs are unsigned JSON; authenticator outputs are signed CBOR inside the authenticator data. The key of an
input is not always the identifier of its output: `credentialProtectionPolicy` comes back as `credProtect`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unlatch.codes import Code
from unlatch.errors import Malformed

#: Signed outputs that an input may cause, where they are not called like the input.
_SIGNED_OUTPUTS: dict[str, tuple[str, ...]] = {
    "credentialProtectionPolicy": ("credProtect",),
    "hmacCreateSecret": ("hmac-secret",),
    "hmacGetSecret": ("hmac-secret",),
    "prf": ("hmac-secret", "hmac-secret-mc"),
    "getCredBlob": ("credBlob",),
    "largeBlob": ("largeBlobKey",),
}
_PROTECTION_LEVELS = {
    "userVerificationOptional": 1,
    "userVerificationOptionalWithCredentialIDList": 2,
    "userVerificationRequired": 3,
}
_CLIENT_OUTPUT_TYPES: dict[str, type] = {"appid": bool, "appidExclude": bool, "credProps": dict}
_SIGNED_OUTPUT_TYPES: dict[str, type] = {"credProtect": int, "minPinLength": int}


def requested_protection(requested: Mapping[str, Any]) -> int | None:
    """The `credProtect` level that was asked for, if it was to be enforced; None otherwise."""
    if requested.get("enforceCredentialProtectionPolicy") is not True:
        return None
    return _PROTECTION_LEVELS.get(requested.get("credentialProtectionPolicy", ""))


def unsolicited_outputs(
    requested: Mapping[str, Any], client_outputs: Mapping[str, Any], signed_outputs: Mapping[str, Any]
) -> tuple[str, ...]:
    """Identifiers of outputs that no input asked for, sorted."""
    if not client_outputs and not signed_outputs:
        return ()
    expected = set(requested)
    for identifier in requested:
        expected.update(_SIGNED_OUTPUTS.get(identifier, ()))
    return tuple(sorted((client_outputs.keys() | signed_outputs.keys()) - expected))


def check_outputs(client_outputs: Mapping[str, Any], signed_outputs: Mapping[str, Any]) -> None:
    """Refuse outputs of known extensions that have the wrong type.

    Raises:
        Malformed: With the path of the output.
    """
    for identifier, output in client_outputs.items():
        expected = _CLIENT_OUTPUT_TYPES.get(identifier)
        if expected is not None and type(output) is not expected:
            raise Malformed(Code.EXTENSION_OUTPUT, f"clientExtensionResults.{identifier}", f"{expected.__name__}")
    if "credProps" in client_outputs and not isinstance(client_outputs["credProps"].get("rk", False), bool):
        raise Malformed(Code.EXTENSION_OUTPUT, "clientExtensionResults.credProps.rk", "a boolean")
    for identifier, output in signed_outputs.items():
        expected = _SIGNED_OUTPUT_TYPES.get(identifier)
        if expected is not None and type(output) is not expected:
            raise Malformed(Code.EXTENSION_OUTPUT, f"authenticatorData.extensions.{identifier}", expected.__name__)


def discoverable(client_outputs: Mapping[str, Any]) -> bool | None:
    """`credProps.rk`: whether the client says that the credential is discoverable; None when it does not say."""
    properties = client_outputs.get("credProps")
    return properties.get("rk") if isinstance(properties, dict) else None
