"""Options in their JSON forms, written by hand: what a relying party would send."""

from __future__ import annotations

import secrets
from typing import Any

from unlatch.wire import base64url

RP_ID, ORIGIN = "example.org", "https://example.org"
USER_HANDLE = b"user-handle-of-ada"


def creation(*algorithms: int, **members: Any) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON."""
    return {
        "rp": {"id": RP_ID, "name": "Example"},
        "user": {"id": base64url.encode(USER_HANDLE), "name": "ada", "displayName": "Ada"},
        "challenge": base64url.encode(secrets.token_bytes(32)),
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in algorithms or (-8, -7, -257)],
        "attestation": "direct",
        **members,
    }


def request(*credential_ids: str, **members: Any) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON."""
    return {
        "rpId": RP_ID,
        "challenge": base64url.encode(secrets.token_bytes(32)),
        "allowCredentials": [{"type": "public-key", "id": each} for each in credential_ids],
        "userVerification": "preferred",
        **members,
    }
