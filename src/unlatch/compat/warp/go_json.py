"""JSON as Go writes it: options without their wrapper, bytes in standard base64, outputs under ``extensions``.

Only this skin speaks it. What is read may be in the forms of today as well (base64url, ``clientExtensionResults``).
"""

from __future__ import annotations

import base64
from typing import Any

from unlatch.compat import either_base64
from unlatch.compat.warp.errors import Error, cause
from unlatch.errors import UnlatchError
from unlatch.wire import base64url, strict_json
from unlatch.wire.options import CreationOptions, CredentialDescriptor, RequestOptions
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

_RESPONSE_BYTES = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")


def creation_options_to_json(options: CreationOptions) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptions; what is empty is left out."""
    selection = {
        "authenticatorAttachment": options.attachment,
        "requireResidentKey": options.resident_key == "required",
        "userVerification": str(options.user_verification),
    }
    return _filled(
        {
            "rp": {"name": options.rp_name, "id": options.rp_id},
            "user": {
                "name": options.user.name,
                "displayName": options.user.display_name,
                "id": _standard(options.user.id),
            },
            "challenge": _standard(options.challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in options.algorithms],
            "timeout": options.timeout,
            "excludeCredentials": [_descriptor(each) for each in options.exclude_credentials],
            "authenticatorSelection": {name: value for name, value in selection.items() if value is not None},
            "attestation": str(options.attestation),
            "extensions": options.extensions,
        }
    )


def request_options_to_json(options: RequestOptions) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptions; what is empty is left out."""
    return _filled(
        {
            "challenge": _standard(options.challenge),
            "timeout": options.timeout,
            "rpId": options.rp_id,
            "allowCredentials": [_descriptor(each) for each in options.allow_credentials],
            "userVerification": str(options.user_verification),
            "extensions": options.extensions,
        }
    )


def creation_options_from_json(body: bytes | str | dict[str, Any]) -> CreationOptions:
    """What `creation_options_to_json` wrote, as it comes back from a session.

    Raises:
        Error: Not that.
    """
    try:
        value = strict_json.parse_object(body, "", limit=strict_json.MAX_STORED_BYTES)
        user = strict_json.object_member(value, "user", "")
        value["user"] = {**user, "id": _again(user.get("id"), "user.id")}
        selection = dict(value.get("authenticatorSelection", {}))
        selection["residentKey"] = "required" if selection.get("requireResidentKey") else "discouraged"
        value["authenticatorSelection"] = selection
        return CreationOptions.from_json(_common(value, "excludeCredentials"))
    except UnlatchError as error:
        raise Error(str(error)) from cause(error)


def request_options_from_json(body: bytes | str | dict[str, Any]) -> RequestOptions:
    """What `request_options_to_json` wrote, as it comes back from a session.

    Raises:
        Error: Not that.
    """
    try:
        value = strict_json.parse_object(body, "", limit=strict_json.MAX_STORED_BYTES)
        return RequestOptions.from_json({"rpId": "", **_common(value, "allowCredentials")})
    except UnlatchError as error:
        raise Error(str(error)) from cause(error)


def attestation_credential_from_json(body: bytes | str | dict[str, Any]) -> RegistrationResponse:
    """AttestationPublicKeyCredential: what the page posts after ``navigator.credentials.create``.

    Raises:
        Error: Not that; the inner category says which part.
    """
    try:
        return RegistrationResponse.from_json(_credential(body))
    except UnlatchError as error:
        raise Error(str(error)) from cause(error)


def assertion_credential_from_json(body: bytes | str | dict[str, Any]) -> AuthenticationResponse:
    """AssertionPublicKeyCredential: what the page posts after ``navigator.credentials.get``.

    Raises:
        Error: Not that; the inner category says which part.
    """
    try:
        return AuthenticationResponse.from_json(_credential(body))
    except UnlatchError as error:
        raise Error(str(error)) from cause(error)


def _credential(body: bytes | str | dict[str, Any]) -> dict[str, Any]:
    """The same answer as the specification writes it."""
    value = strict_json.parse_object(body, "")
    response = dict(strict_json.object_member(value, "response", ""))
    for name in _RESPONSE_BYTES:
        if response.get(name) not in (None, ""):
            response[name] = _again(response[name], f"response.{name}")
    for name in ("id", "rawId"):
        if name in value:
            value[name] = _again(value[name], name)
    if "extensions" in value and "clientExtensionResults" not in value:
        value["clientExtensionResults"] = value.pop("extensions") or {}
    return {**value, "response": response}


def _common(value: dict[str, Any], listed: str) -> dict[str, Any]:
    descriptors = value.get(listed, [])
    if isinstance(descriptors, list):
        value[listed] = [
            {**each, "id": _again(each.get("id"), f"{listed}.id")} if isinstance(each, dict) else each
            for each in descriptors
        ]
    return {**value, "challenge": _again(value.get("challenge"), "challenge")}


def _again(text: object, path: str) -> str:
    return base64url.encode(either_base64.read(text, path))


def _standard(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _descriptor(descriptor: CredentialDescriptor) -> dict[str, Any]:
    return _filled({"type": "public-key", "id": _standard(descriptor.id), "transports": list(descriptor.transports)})


def _filled(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in ("", [], {}, None)}
