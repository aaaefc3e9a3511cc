"""What browsers say when a ceremony fails, as a sentence for people and a next step (sections 5.1.3 and 5.1.4).

A page catches a `DOMException` and knows only its name; what the name means depends on the ceremony. `advice` turns it
into words; ``NotAllowedError`` covers "cancelled", "took too long" and "nothing suitable here" on purpose, so that
pages cannot find out which passkeys exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from unlatch.terms import CeremonyKind


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell somebody.

    Attributes:
        code: Stable name.
        sentence: What happened.
        next_step: What to do now.
        silent: Whether it is better not to say anything, because the person or the page itself stopped it.
        fault: Whether the site is at fault: log it.
    """

    code: str
    sentence: str
    next_step: str
    silent: bool = False
    fault: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain data, for the page."""
        return {
            "code": self.code,
            "sentence": self.sentence,
            "nextStep": self.next_step,
            "silent": self.silent,
            "fault": self.fault,
        }


_STOPPED = Advice("stopped", "The dialog was ended.", "Try again when you are ready.", silent=True)
_WRONG_SITE = Advice(
    "wrong_site",
    "Your browser does not allow passkeys at this address.",
    "Check the address of this page: it must be the site's own, with https.",
    fault=True,
)
_PAGE_FAULT = Advice(
    "page_fault", "This page asked your browser for something impossible.", "Reload the page and try again.", fault=True
)
_AUTHENTICATOR_FAULT = Advice(
    "authenticator_fault",
    "Your device or security key reported a problem.",
    "Try again, or use another device or security key.",
)
_TIMED_OUT = Advice("timed_out", "It took too long.", "Try again; you have a few minutes.")
_NOT_SUPPORTED = Advice(
    "not_supported",
    "This device or security key is too old for passkeys.",
    "Choose another device, or a password manager that keeps passkeys.",
)
_UNKNOWN = Advice("unknown", "Your browser could not do that.", "Try again, or use another browser or device.")

_BOTH = {
    "AbortError": _STOPPED,
    "SecurityError": _WRONG_SITE,
    "NotSupportedError": _NOT_SUPPORTED,
    "TypeError": _PAGE_FAULT,
    "EncodingError": _PAGE_FAULT,
    "SyntaxError": _PAGE_FAULT,
    "UnknownError": _AUTHENTICATOR_FAULT,
    "TimeoutError": _TIMED_OUT,
}
_ADVICE: dict[CeremonyKind, dict[str, Advice]] = {
    CeremonyKind.REGISTRATION: {
        **_BOTH,
        "NotAllowedError": Advice(
            "not_registered",
            "No passkey was made.",
            "The dialog was closed, or it took too long. Nothing has changed: try again when you are ready.",
        ),
        "InvalidStateError": Advice(
            "already_registered",
            "This device already holds a passkey for this account.",
            "You can use it to sign in. To add another one, choose another device or a security key.",
        ),
        "ConstraintError": Advice(
            "not_capable",
            "This device cannot make the kind of passkey that is needed here.",
            "Set up a screen lock or a PIN for it, or choose another device.",
        ),
        "OptOutError": Advice(
            "opted_out", "You chose not to make a passkey.", "You can add one later in your account.", silent=True
        ),
    },
    CeremonyKind.AUTHENTICATION: {
        **_BOTH,
        "NotAllowedError": Advice(
            "not_signed_in",
            "No passkey was used.",
            "The dialog was closed, or it took too long. Try again, or use the device that holds your passkey.",
        ),
        "InvalidStateError": Advice(
            "busy",
            "Your browser is busy with another passkey dialog.",
            "Close the other dialog or tab, then try again.",
        ),
        "ConstraintError": Advice(
            "not_capable",
            "This device cannot confirm that it is you.",
            "Set up a screen lock or a PIN for it, or choose another device.",
        ),
        "OptOutError": Advice(
            "opted_out", "You chose another way to sign in.", "Choose how you want to sign in.", silent=True
        ),
    },
}


def advice(ceremony: CeremonyKind, name: str) -> Advice:
    """What to tell somebody whose browser failed.

    Args:
        ceremony: Which one it was.
        name: `name` of the exception; any text, names that are not known get general advice.
    """
    return _ADVICE[ceremony].get(name, _UNKNOWN)


def all_advice(ceremony: CeremonyKind) -> dict[str, dict[str, Any]]:
    """All of it for one ceremony, by exception name, to be given to a page; ``""`` is for names not in it."""
    return {**{name: item.to_json() for name, item in _ADVICE[ceremony].items()}, "": _UNKNOWN.to_json()}


class Capability(StrEnum):
    """Names in the answer of ``PublicKeyCredential.getClientCapabilities()`` (section 5.1.7)."""

    CONDITIONAL_CREATE = "conditionalCreate"
    CONDITIONAL_GET = "conditionalGet"
    HYBRID_TRANSPORT = "hybridTransport"
    PASSKEY_PLATFORM_AUTHENTICATOR = "passkeyPlatformAuthenticator"
    USER_VERIFYING_PLATFORM_AUTHENTICATOR = "userVerifyingPlatformAuthenticator"
    RELATED_ORIGINS = "relatedOrigins"
    SIGNAL_ALL_ACCEPTED_CREDENTIALS = "signalAllAcceptedCredentials"
    SIGNAL_CURRENT_USER_DETAILS = "signalCurrentUserDetails"
    SIGNAL_UNKNOWN_CREDENTIAL = "signalUnknownCredential"


def extension_capability(identifier: str) -> str:
    """The name under which a client says whether it knows an extension."""
    return f"extension:{identifier}"


def has_capability(capabilities: object, name: str) -> bool | None:
    """Yes, no, or unknown: clients leave out what they do not want to say.

    Args:
        capabilities: The answer of the client, as JSON; anything else says nothing.
        name: A `Capability`, or from `extension_capability`.
    """
    found = capabilities.get(name) if isinstance(capabilities, dict) else None
    return found if isinstance(found, bool) else None
