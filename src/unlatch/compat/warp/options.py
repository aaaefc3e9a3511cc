"""The options of `start_registration` and `start_authentication`: functions that change what is sent to the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from unlatch.ceremonies.origins import check_rp_id
from unlatch.compat.warp.errors import OptionError
from unlatch.compat.warp.extensions import Extension, build_extensions
from unlatch.errors import Misconfigured
from unlatch.terms import AttestationConveyance, ResidentKey, UserVerification
from unlatch.wire.options import CreationOptions, CredentialDescriptor, RequestOptions

OptionsT = TypeVar("OptionsT", CreationOptions, RequestOptions)
#: Returns options like those that it is given, with one thing changed.
Option: TypeAlias = Callable[[CreationOptions | RequestOptions], CreationOptions | RequestOptions]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorSelectionCriteria:
    """Which authenticators may answer a registration."""

    authenticator_attachment: str | None = None
    require_resident_key: bool = False
    user_verification: str = "preferred"


def timeout(milliseconds: int) -> Option:
    """Give people this long."""
    if type(milliseconds) is not int or milliseconds <= 0:
        raise OptionError(f"a timeout is a positive number of milliseconds, not {milliseconds!r}")
    return lambda options: replace(options, timeout=milliseconds)


def extensions(*wanted: Extension) -> Option:
    """Ask for extensions; see `unlatch.compat.warp.extensions`."""
    return lambda options: replace(options, extensions={**options.extensions, **build_extensions(*wanted)})


def exclude_credentials(descriptors: Sequence[CredentialDescriptor]) -> Option:
    """Do not register these again."""
    return _creation("exclude_credentials", lambda options: replace(options, exclude_credentials=tuple(descriptors)))


def authenticator_selection(criteria: AuthenticatorSelectionCriteria) -> Option:
    """Want authenticators of one kind."""
    verification = _choice(UserVerification, criteria.user_verification)
    resident = ResidentKey.REQUIRED if criteria.require_resident_key else ResidentKey.DISCOURAGED
    return _creation(
        "authenticator_selection",
        lambda options: replace(
            options,
            attachment=criteria.authenticator_attachment,
            resident_key=resident,
            user_verification=verification,
        ),
    )


def attestation(preference: str) -> Option:
    """Ask for attestation: ``none``, ``indirect``, ``direct`` or ``enterprise``."""
    chosen = _choice(AttestationConveyance, preference)
    return _creation("attestation", lambda options: replace(options, attestation=chosen))


def relying_party_id(rp_id: str) -> Option:
    """Name the RP ID; the page's own domain when left out."""
    try:
        check_rp_id(rp_id)
    except Misconfigured as error:
        raise OptionError(error.detail) from error
    return _request("relying_party_id", lambda options: replace(options, rp_id=rp_id))


def allow_credentials(descriptors: Sequence[CredentialDescriptor]) -> Option:
    """Let only these answer."""
    return _request("allow_credentials", lambda options: replace(options, allow_credentials=tuple(descriptors)))


def user_verification(requirement: str) -> Option:
    """Verify the user: ``required``, ``preferred`` or ``discouraged``."""
    chosen = _choice(UserVerification, requirement)
    return _request("user_verification", lambda options: replace(options, user_verification=chosen))


def _creation(name: str, change: Callable[[CreationOptions], CreationOptions]) -> Option:
    def apply(options: CreationOptions | RequestOptions) -> CreationOptions:
        if not isinstance(options, CreationOptions):
            raise OptionError(f"{name} belongs to a registration")
        return change(options)

    return apply


def _request(name: str, change: Callable[[RequestOptions], RequestOptions]) -> Option:
    def apply(options: CreationOptions | RequestOptions) -> RequestOptions:
        if not isinstance(options, RequestOptions):
            raise OptionError(f"{name} belongs to an authentication")
        return change(options)

    return apply


_Choice = TypeVar("_Choice", AttestationConveyance, UserVerification)


def _choice(kind: type[_Choice], value: str) -> _Choice:
    try:
        return kind(value)
    except ValueError:
        raise OptionError(f"{value!r} is not one of {', '.join(kind)}") from None
