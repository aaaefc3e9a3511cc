"""Extensions of Level 1: how to ask for them, and whether the answer is one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from unlatch.compat import either_base64
from unlatch.compat.warp.errors import VerifyClientExtensionOutputError
from unlatch.errors import Malformed
from unlatch.wire import base64url
from unlatch.wire.options import CreationOptions, RequestOptions
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

APP_ID = "appid"
TX_AUTH_SIMPLE = "txAuthSimple"
TX_AUTH_GENERIC = "txAuthGeneric"
AUTHN_SEL = "authnSel"
EXTS = "exts"
UVI = "uvi"
LOC = "loc"
UVM = "uvm"
BIOMETRIC_PERF_BOUNDS = "biometricPerfBounds"

#: One extension input.
Extension: TypeAlias = Mapping[str, Any]
#: Judges the client's output of one extension that the options asked for.
ExtensionValidator: TypeAlias = Callable[
    [CreationOptions | RequestOptions, RegistrationResponse | AuthenticationResponse], None
]

_DIGESTS = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}


def use_app_id(app_id: str) -> Extension:
    """Accept credentials that were registered with U2F under an AppID."""
    return {APP_ID: app_id}


def use_tx_auth_simple(text: str) -> Extension:
    """Show a text and have it confirmed. No browser does this any more."""
    return {TX_AUTH_SIMPLE: text}


def use_tx_auth_generic(content_type: str, content: bytes) -> Extension:
    """Show a picture and have it confirmed. No browser does this any more."""
    return {TX_AUTH_GENERIC: {"contentType": content_type, "content": base64url.encode(content)}}


def build_extensions(*extensions: Extension) -> dict[str, Any]:
    """Extension inputs for options."""
    return {name: value for extension in extensions for name, value in extension.items()}


def validate_app_id(
    options: CreationOptions | RequestOptions, credential: RegistrationResponse | AuthenticationResponse
) -> None:
    """Judge the output of `appid`; where it is true, the ceremony then wants the hash of the AppID.

    Raises:
        VerifyClientExtensionOutputError: It was not asked for, or is no boolean.
    """
    found = _asked(options, credential, APP_ID)
    if found is not None and not isinstance(found[1], bool):
        raise VerifyClientExtensionOutputError("appid answers with a boolean")


def validate_tx_auth_simple(
    options: CreationOptions | RequestOptions, credential: RegistrationResponse | AuthenticationResponse
) -> None:
    """Judge the output of `txAuthSimple`: the same text, but for the line breaks that a display needs.

    Raises:
        VerifyClientExtensionOutputError: It was not asked for, or is another text.
    """
    found = _asked(options, credential, TX_AUTH_SIMPLE)
    if found is None:
        return
    asked, answered = found
    if not isinstance(answered, str) or _without_breaks(asked) != _without_breaks(answered):
        raise VerifyClientExtensionOutputError("another text was confirmed than the one to be shown")


def validate_tx_auth_generic(
    options: CreationOptions | RequestOptions, credential: RegistrationResponse | AuthenticationResponse
) -> None:
    """Judge the output of `txAuthGeneric`: a digest of the content, of 20, 32, 48 or 64 bytes.

    Raises:
        VerifyClientExtensionOutputError: It was not asked for, or is another content's.
    """
    found = _asked(options, credential, TX_AUTH_GENERIC)
    if found is None:
        return
    asked, answered = found
    try:
        digest = either_base64.read(answered, TX_AUTH_GENERIC)
        content = either_base64.read(asked["content"], TX_AUTH_GENERIC)
    except (Malformed, KeyError, TypeError) as error:
        raise VerifyClientExtensionOutputError("txAuthGeneric answers with a digest") from error
    # The length chooses the hash, as the extension wants it; SHA-1 stands there by the same text.
    name = _DIGESTS.get(len(digest))
    if name is None or hashlib.new(name, content, usedforsecurity=False).digest() != digest:
        raise VerifyClientExtensionOutputError("another content was confirmed than the one to be shown")


#: Judges of outputs in a registration; there are none.
REGISTRATION_EXTENSION_VALIDATORS: Mapping[str, ExtensionValidator] = {}
#: Judges of outputs in an authentication, by identifier.
AUTHENTICATION_EXTENSION_VALIDATORS: Mapping[str, ExtensionValidator] = {
    APP_ID: validate_app_id,
    TX_AUTH_SIMPLE: validate_tx_auth_simple,
    TX_AUTH_GENERIC: validate_tx_auth_generic,
}


def expect_only_asked(
    options: CreationOptions | RequestOptions, credential: RegistrationResponse | AuthenticationResponse
) -> None:
    """Client outputs are a subset of the inputs.

    Raises:
        VerifyClientExtensionOutputError: An output that nobody asked for.
    """
    surplus = sorted(credential.client_extension_results.keys() - options.extensions.keys())
    if surplus:
        raise VerifyClientExtensionOutputError(f"outputs that were not asked for: {', '.join(surplus)}")


def _asked(
    options: CreationOptions | RequestOptions,
    credential: RegistrationResponse | AuthenticationResponse,
    identifier: str,
) -> tuple[Any, Any] | None:
    """Input and output; None where there is no output."""
    if identifier not in credential.client_extension_results:
        return None
    if identifier not in options.extensions:
        raise VerifyClientExtensionOutputError(f"{identifier} was not asked for")
    return options.extensions[identifier], credential.client_extension_results[identifier]


def _without_breaks(text: Any) -> str:
    return str(text).replace("\r", "").replace("\n", "")
