"""Signed extension outputs, those of Level 1 as attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unlatch.compat.webauthn_rp.errors import ParserError, translated
from unlatch.compat.webauthn_rp.types import AuthenticationExtensionsClientOutputs, Coordinates, ExtensionIdentifier
from unlatch.compat.webauthn_rp.utils import camel_to_snake_case
from unlatch.errors import Malformed
from unlatch.wire import cbor

_KINDS = {
    ExtensionIdentifier.APPID: bool,
    ExtensionIdentifier.TX_AUTH_SIMPLE: str,
    ExtensionIdentifier.TX_AUTH_GENERIC: bytes,
    ExtensionIdentifier.AUTHN_SEL: bool,
    ExtensionIdentifier.EXTS: list,
    ExtensionIdentifier.UVI: bytes,
    ExtensionIdentifier.LOC: Mapping,
    ExtensionIdentifier.UVM: list,
    ExtensionIdentifier.BIOMETRIC_PERF_BOUNDS: bool,
}


def parse_extensions(extensions: bytes | Mapping[Any, Any]) -> AuthenticationExtensionsClientOutputs:
    """Signed extension outputs; any extension may be among them, and is in `received`.

    Raises:
        DecodingError: Not canonical CBOR.
        ParserError: Not a map from text; an output of an extension of Level 1 of another type.
    """
    try:
        value = cbor.decode(extensions, "extensions") if isinstance(extensions, bytes) else extensions
    except Malformed as error:
        raise translated(error) from error
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise ParserError("extensions are a map from identifiers")
    known: dict[str, Any] = {}
    for identifier, kind in _KINDS.items():
        if identifier.value in value:
            output: Any = value[identifier.value]
            if not isinstance(output, kind):
                raise ParserError(f"the output of {identifier.value!r} is not a {kind.__name__}")
            known[identifier.key] = _coordinates(output) if identifier is ExtensionIdentifier.LOC else output
    return AuthenticationExtensionsClientOutputs(**known, received={str(name): each for name, each in value.items()})


def _coordinates(output: Any) -> Coordinates:
    try:
        return Coordinates(**{camel_to_snake_case(name): value for name, value in output.items()})
    except TypeError:
        raise ParserError("the output of 'loc' has not the members of coordinates") from None
