"""Extensions of WebAuthn Level 1. Most of them died with it; `appid` and `uvm` live on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias


class ExtensionIdentifier(Enum):
    """The extensions that can be expected."""

    APPID = "appid"
    TX_AUTH_SIMPLE = "txAuthSimple"
    TX_AUTH_GENERIC = "txAuthGeneric"
    AUTHN_SEL = "authnSel"
    EXTS = "exts"
    UVI = "uvi"
    LOC = "loc"
    UVM = "uvm"
    BIOMETRIC_PERF_BOUNDS = "biometricPerfBounds"

    @property
    def key(self) -> str:
        """The attribute of inputs and outputs, ``tx_auth_simple``."""
        return self.name.lower()


#: An authenticator model, 16 bytes.
AAGUID: TypeAlias = bytes
#: The authenticator models that may answer.
AuthenticatorSelectionList: TypeAlias = Sequence[AAGUID]
#: Identifiers of the extensions that an authenticator knows.
AuthenticationExtensionsSupported: TypeAlias = Sequence[str]
#: Method, key protection, matcher protection.
UvmEntry: TypeAlias = Sequence[int]
#: How the user was verified.
UvmEntries: TypeAlias = Sequence[UvmEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class TxAuthGenericArg:
    """What to show in a generic transaction authorization."""

    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """A place on earth, in degrees and metres."""

    latitude: float
    longitude: float
    accuracy: float
    altitude: float | None = None
    altitude_accuracy: float | None = None
    heading: float | None = None
    speed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorBiometricPerfBounds:
    """False accept and false reject rates, as upper bounds."""

    FAR: float
    FRR: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationExtensionsClientInputs:
    """What is asked of extensions; None leaves one out."""

    appid: str | None = None
    tx_auth_simple: str | None = None
    tx_auth_generic: TxAuthGenericArg | None = None
    authn_sel: AuthenticatorSelectionList | None = None
    exts: bool | None = None
    uvi: bool | None = None
    loc: bool | None = None
    uvm: bool | None = None
    biometric_perf_bounds: AuthenticatorBiometricPerfBounds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationExtensionsClientOutputs:
    """What extensions answered.

    Attributes:
        received: All outputs by identifier, those that the older library did not know among them; new.
    """

    appid: bool | None = None
    tx_auth_simple: str | None = None
    tx_auth_generic: bytes | None = None
    authn_sel: bool | None = None
    exts: AuthenticationExtensionsSupported | None = None
    uvi: bytes | None = None
    loc: Coordinates | None = None
    uvm: UvmEntries | None = None
    biometric_perf_bounds: bool | None = None
    received: Mapping[str, Any] = field(default_factory=dict)
