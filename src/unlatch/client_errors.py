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


_STOPPED = Advice("stopped", "The request was stopped.", "Start again when you are ready.", silent=True)
_WRONG_SITE = Advice(
    "wrong_site",
    "This address may not use the passkeys of this service.",
    "Check the address in your browser, and open the service from its own page.",
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
_UNKNOWN = Advice("unknown", "Something went wrong in your browser.", "Try again, or use another browser or device.")

_BOTH = {
    "AbortError": _STOPPED,
    "SecurityError": _WRONG_SITE,
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
            "No passkey was made: the dialog was closed, or it took too long.",
            "Try again, and confirm with your device when it asks.",
        ),
        "InvalidStateError": Advice(
            "already_registered",
            "This device already has a passkey for your account.",
            "Sign in with it, or use another device to add a second passkey.",
        ),
        "ConstraintError": Advice(
            "not_capable",
            "This device cannot make a passkey of the kind that is needed here.",
            "Set up a screen lock (PIN, fingerprint or face), or use another device.",
        ),
        "NotSupportedError": Advice(
            "not_supported",
            "Your browser or device cannot make a passkey of the kind that is needed here.",
            "Update your browser, or use another device or security key.",
        ),
        "OptOutError": Advice(
            "opted_out", "You chose not to make a passkey.", "You can add one later in your account.", silent=True
        ),
    },
    CeremonyKind.AUTHENTICATION: {
        **_BOTH,
        "NotAllowedError": Advice(
            "not_signed_in",
            "You are not signed in: the dialog was closed, it took too long, or there is no passkey here.",
            "Try again, or choose another device or another way to sign in.",
        ),
        "InvalidStateError": _AUTHENTICATOR_FAULT,
        "ConstraintError": Advice(
            "not_capable",
            "This device cannot confirm that it is you.",
            "Set up a screen lock (PIN, fingerprint or face), or use another device.",
        ),
        "NotSupportedError": Advice(
            "not_supported",
            "Your browser cannot use passkeys in the way that is needed here.",
            "Update your browser, or use another device.",
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
