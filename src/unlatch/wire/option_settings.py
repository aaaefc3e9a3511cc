"""What options say to everybody alike: the members that follow from the relying party and its policy.

Nearly all options that a server makes differ in challenge, user and credentials alone, so the text of the rest is kept:
writing it anew each time took longer than everything else about options.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from unlatch.terms import AttestationConveyance, ResidentKey, UserVerification

#: How many policies are written ahead; a relying party has a handful.
_POLICIES = 256


def creation_settings(
    rp_id: str | None,
    rp_name: str,
    algorithms: tuple[int, ...],
    timeout: int | None,
    attachment: str | None,
    resident_key: ResidentKey,
    user_verification: UserVerification,
    hints: tuple[str, ...],
    attestation: AttestationConveyance,
    attestation_formats: tuple[str, ...],
) -> dict[str, Any]:
    """The members that are the same whoever registers."""
    selection: dict[str, Any] = {
        "residentKey": str(resident_key),
        "requireResidentKey": resident_key == ResidentKey.REQUIRED,
        "userVerification": str(user_verification),
    }
    if attachment is not None:
        selection["authenticatorAttachment"] = str(attachment)
    return {
        "rp": {**_told("id", rp_id), "name": rp_name},
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in algorithms],
        **_told("timeout", timeout),
        "authenticatorSelection": selection,
        "hints": [str(hint) for hint in hints],
        "attestation": str(attestation),
        "attestationFormats": list(attestation_formats),
    }


def request_settings(
    rp_id: str | None, timeout: int | None, user_verification: UserVerification, hints: tuple[str, ...]
) -> dict[str, Any]:
    """The members that are the same whoever signs in."""
    return {
        **_told("timeout", timeout),
        **_told("rpId", rp_id),
        "userVerification": str(user_verification),
        "hints": [str(hint) for hint in hints],
    }


@lru_cache(_POLICIES)
def creation_settings_text(*settings: Any) -> str:
    """The text of these members, and the end of the object."""
    return json.dumps(creation_settings(*settings), separators=(",", ":")).removeprefix("{")


@lru_cache(_POLICIES)
def request_settings_text(*settings: Any) -> str:
    """The text of these members, and the end of the object."""
    return json.dumps(request_settings(*settings), separators=(",", ":")).removeprefix("{")


@lru_cache(_POLICIES)
def list_text(texts: tuple[str, ...]) -> str:
    """The text of a list; authenticators have few combinations of transports."""
    return json.dumps(texts)


def _told(name: str, value: object) -> dict[str, Any]:
    """A member, or nothing: absent members are left out of JSON (section 5.1.9)."""
    return {} if value is None else {name: value}
