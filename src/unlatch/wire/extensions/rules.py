"""Which ceremony takes which extension input, and of what form it is (sections 9 and 10, CTAP 2.1 section 12, SPC).

A mistake in an input shows up late: browsers ignore what they do not know and answer with an error name alone. So
inputs are judged when options are built. Unknown extensions pass: the list of the world is longer than ours.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from unlatch.terms import Attachment, ResidentKey, UserVerification
from unlatch.wire.extensions import app_id, credential_protection, large_blob, prf
from unlatch.wire.extensions.reading import (
    INPUTS,
    Check,
    bad_input,
    binary_input,
    boolean_input,
    true_input,
)


def _cred_blob(value: Any, path: str) -> None:
    if not binary_input(value, path):
        bad_input(path, "at least one byte")


def _payment(value: Any, path: str) -> None:
    if not isinstance(value, dict) or value.get("isPayment") is not True:
        bad_input(f"{path}.isPayment", "true; payments themselves are begun with unlatch.payments")


_CREATION: dict[str, Check] = {
    "credProps": true_input,
    "prf": prf.check_creation_input,
    "largeBlob": large_blob.check_creation_input,
    "appidExclude": app_id.check_input,
    "credentialProtectionPolicy": credential_protection.check_input,
    "enforceCredentialProtectionPolicy": boolean_input,
    "minPinLength": true_input,
    "credBlob": _cred_blob,
    "hmacCreateSecret": true_input,
    "uvm": true_input,
    "pinComplexityPolicy": true_input,
    "thirdPartyPayment": true_input,
    "payment": _payment,
}

_REQUEST: dict[str, Check] = {
    "appid": app_id.check_input,
    "getCredBlob": true_input,
    "hmacGetSecret": prf.check_hmac_get_secret_input,
    "uvm": true_input,
    "thirdPartyPayment": true_input,
}

#: Inputs that look into `allowCredentials`.
_REQUEST_WITH_ALLOWED = {"prf": prf.check_request_input, "largeBlob": large_blob.check_request_input}

#: What belongs elsewhere, with what to write instead; among them all that only a sign-in takes.
_INSTEAD = {
    "appid": "belongs to a sign-in; a registration takes appidExclude",
    "appidExclude": "belongs to a registration; a sign-in takes appid",
    "credBlob": "belongs to a registration; a sign-in takes getCredBlob",
    "getCredBlob": "belongs to a sign-in; a registration takes credBlob",
    "hmacCreateSecret": "belongs to a registration; a sign-in takes hmacGetSecret, or prf",
    "hmacGetSecret": "belongs to a sign-in; a registration takes hmacCreateSecret, or prf",
    "payment": "belongs to a registration; payments are begun with unlatch.payments",
    "credProtect": "is the output; the input is called credentialProtectionPolicy",
    "hmac-secret": "is the output; the inputs are called hmacCreateSecret and hmacGetSecret",
    "remoteClientDataJSON": "is set by remote desktop clients, never by a relying party",
}


def check_creation_inputs(
    inputs: Mapping[str, Any],
    *,
    resident_key: ResidentKey,
    user_verification: UserVerification,
    attachment: str | None,
) -> dict[str, Any]:
    """Judge the extension inputs of a registration.

    Args:
        inputs: Client extension inputs in their JSON forms.
        resident_key: Of the same options; `largeBlob` and `payment` need a discoverable credential.
        user_verification: Of the same options; `payment` needs `required`.
        attachment: Of the same options; `payment` needs `platform`.

    Returns:
        A copy.

    Raises:
        Malformed: An input that browsers would ignore or refuse; the path names it.
    """
    checked = _copy(inputs)
    for name, value in checked.items():
        path = f"{INPUTS}.{name}"
        check = _CREATION.get(name)
        if check is not None:
            check(value, path)
        elif name in _INSTEAD:
            bad_input(path, _INSTEAD[name])
    if checked.get("enforceCredentialProtectionPolicy") and "credentialProtectionPolicy" not in checked:
        bad_input(f"{INPUTS}.credentialProtectionPolicy", "is missing; there is nothing to enforce")
    if resident_key is ResidentKey.DISCOURAGED:
        for name in {"largeBlob", "payment"} & checked.keys():
            bad_input(f"{INPUTS}.{name}", "needs a discoverable credential: resident_key='required' or 'preferred'")
    if "payment" in checked and user_verification is not UserVerification.REQUIRED:
        bad_input(f"{INPUTS}.payment", "needs user_verification='required'")
    if "payment" in checked and attachment != Attachment.PLATFORM:
        bad_input(f"{INPUTS}.payment", "needs attachment='platform'")
    return checked


def check_request_inputs(inputs: Mapping[str, Any], *, allowed: Collection[bytes]) -> dict[str, Any]:
    """Judge the extension inputs of an authentication.

    Args:
        inputs: Client extension inputs in their JSON forms.
        allowed: Ids in `allowCredentials` of the same options.

    Returns:
        A copy.

    Raises:
        Malformed: An input that browsers would ignore or refuse; the path names it.
    """
    checked = _copy(inputs)
    for name, value in checked.items():
        path = f"{INPUTS}.{name}"
        check = _REQUEST.get(name)
        check_with_allowed = _REQUEST_WITH_ALLOWED.get(name)
        if check is not None:
            check(value, path)
        elif check_with_allowed is not None:
            check_with_allowed(value, path, allowed)
        elif name in _CREATION or name in _INSTEAD:
            bad_input(path, _INSTEAD.get(name, "belongs to a registration"))
    return checked


def _copy(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy, which also proves that the inputs are JSON: they go into options and into the stored state."""
    if not isinstance(inputs, Mapping):
        bad_input(INPUTS, "an object from extension names to inputs")
    if not inputs:
        return {}
    try:
        text = json.dumps(dict(inputs), allow_nan=False, ensure_ascii=False)
        text.encode("utf-8")
        copy: dict[str, Any] = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        bad_input(INPUTS, f"not JSON: {error}")
    # Names that are no strings become strings in JSON.
    if copy.keys() != set(inputs):
        bad_input(INPUTS, "a name that is not a string")
    return copy
