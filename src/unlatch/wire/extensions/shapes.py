"""What the outputs of known extensions look like, and which inputs they answer.

Everything in these tables is judged wherever it stands, asked for or not: an output with a false type is not an
answer that can be ignored but a response that was put together wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unlatch.terms import CeremonyKind
from unlatch.wire.extensions import credential_protection, large_blob, prf, user_verification_methods
from unlatch.wire.extensions.reading import (
    CLIENT_OUTPUTS,
    SIGNED_OUTPUTS,
    Check,
    bad_output,
    binary_output,
    boolean_output,
    bytes_output,
    object_output,
)

#: CTAP 2.1 section 6.5: PINs have at least 4 characters and at most 63 bytes.
_PIN_LENGTHS = range(4, 64)
#: One or two encrypted results, under PIN protocol one or two (CTAP 2.1 section 6.5).
_ENCRYPTED_LENGTHS = frozenset((32, 64, 48, 80))


def _cred_props(value: Any, path: str) -> None:
    object_output(value, path)
    if "rk" in value:
        boolean_output(value["rk"], f"{path}.rk")


def _min_pin_length(value: Any, path: str) -> None:
    if type(value) is not int or value not in _PIN_LENGTHS:
        bad_output(path, f"expected a number from {_PIN_LENGTHS[0]} to {_PIN_LENGTHS[-1]}")


def _encrypted(value: Any, path: str) -> None:
    bytes_output(value, path)
    if len(value) not in _ENCRYPTED_LENGTHS:
        bad_output(path, f"expected {', '.join(map(str, sorted(_ENCRYPTED_LENGTHS)))} bytes")


def _binary(value: Any, path: str) -> None:
    binary_output(value, path)


_CLIENT: dict[str, Check] = {
    "appid": boolean_output,
    "appidExclude": boolean_output,
    "credProps": _cred_props,
    "prf": prf.check_output,
    "largeBlob": large_blob.check_output,
    "credBlob": boolean_output,
    "getCredBlob": _binary,
    "hmacCreateSecret": boolean_output,
    "hmacGetSecret": prf.check_hmac_get_secret_output,
    "uvm": user_verification_methods.check_output,
    "remoteClientDataJSON": boolean_output,
    "payment": object_output,
}

_SIGNED: dict[str, Check] = {
    "credProtect": credential_protection.check_output,
    "minPinLength": _min_pin_length,
    "uvm": user_verification_methods.check_output,
    "pinComplexityPolicy": boolean_output,
    "thirdPartyPayment": boolean_output,
}

_SIGNED_IN: dict[CeremonyKind, dict[str, Check]] = {
    CeremonyKind.REGISTRATION: {
        **_SIGNED,
        "credBlob": boolean_output,
        "hmac-secret": boolean_output,
        "hmac-secret-mc": _encrypted,
    },
    CeremonyKind.AUTHENTICATION: {**_SIGNED, "credBlob": bytes_output, "hmac-secret": _encrypted},
}

#: Outputs that an input may cause besides one of its own name.
_ANSWERS: dict[str, tuple[str, ...]] = {
    "credentialProtectionPolicy": ("credProtect",),
    "hmacCreateSecret": ("hmac-secret",),
    "hmacGetSecret": ("hmac-secret",),
    "prf": ("hmac-secret", "hmac-secret-mc"),
    "getCredBlob": ("credBlob",),
    "largeBlob": ("largeBlobKey",),
    "payment": ("thirdPartyPayment",),
}


def check_outputs(ceremony: CeremonyKind, client_outputs: Mapping[str, Any], signed_outputs: Mapping[str, Any]) -> None:
    """Refuse outputs of known extensions that have not their type, range or length.

    Args:
        ceremony: Some outputs look different in each.
        client_outputs: `clientExtensionResults`.
        signed_outputs: Outputs inside the authenticator data.

    Raises:
        Malformed: With the path of the output.
    """
    for identifier, output in client_outputs.items():
        check = _CLIENT.get(identifier)
        if check is not None:
            check(output, f"{CLIENT_OUTPUTS}.{identifier}")
    signed = _SIGNED_IN[ceremony]
    for identifier, output in signed_outputs.items():
        check = signed.get(identifier)
        if check is not None:
            check(output, f"{SIGNED_OUTPUTS}.{identifier}")


def unsolicited_outputs(
    requested: Mapping[str, Any], client_outputs: Mapping[str, Any], signed_outputs: Mapping[str, Any]
) -> tuple[str, ...]:
    """Identifiers of outputs that no input asked for, sorted."""
    expected = set(requested)
    for identifier in requested:
        expected.update(_ANSWERS.get(identifier, ()))
    return tuple(sorted((client_outputs.keys() | signed_outputs.keys()) - expected, key=str))
