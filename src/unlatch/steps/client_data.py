"""Steps about the client data: type, challenge, origin, framing (7.1 steps 7 to 11, 7.2 steps 10 to 14)."""

from __future__ import annotations

import re
from collections.abc import Collection
from hmac import compare_digest

from unlatch.codes import Code
from unlatch.errors import ClientDataRefused
from unlatch.wire import base64url
from unlatch.wire.client_data import CollectedClientData

#: The explicit wish to accept any embedding page.
ANY_ORIGIN = "*"

#: A label as browsers write it in an origin: in lower case, international names in their ``xn--`` form.
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def verify_type(client_data: CollectedClientData, expected: str) -> None:
    """The client ran the ceremony that was begun: ``webauthn.create`` or ``webauthn.get``."""
    if client_data.type != expected:
        raise ClientDataRefused(Code.TYPE_MISMATCH, "type", expected=expected, received=client_data.type)


def verify_challenge(client_data: CollectedClientData, challenge: bytes) -> None:
    """The response answers this challenge. Texts are compared, so only one spelling of it is accepted."""
    expected, received = base64url.encode(challenge), client_data.challenge
    # Texts beyond ASCII are no base64url, and `compare_digest` does not take them.
    if not received.isascii() or not compare_digest(received, expected):
        raise ClientDataRefused(Code.CHALLENGE_MISMATCH, "challenge", expected=expected, received=received)


def verify_origin(client_data: CollectedClientData, origins: Collection[str], *, subdomains_of: str | None) -> None:
    """The page's origin is an expected one.

    Args:
        client_data: What the client says.
        origins: Accepted origins, compared character by character.
        subdomains_of: An RP ID whose subdomains are all accepted over https; None accepts `origins` only.
    """
    origin = client_data.origin
    if origin in origins:
        return
    if subdomains_of is not None and _is_subdomain(origin, subdomains_of):
        return
    raise ClientDataRefused(Code.ORIGIN_NOT_EXPECTED, "origin", expected=sorted(origins), received=origin)


def _is_subdomain(origin: str, rp_id: str) -> bool:
    """Whether `origin` is ``https://``, labels, a dot and the RP ID, on the default port."""
    host, scheme, suffix = origin.removeprefix("https://"), "https://", f".{rp_id}"
    if not origin.startswith(scheme) or not host.endswith(suffix):
        return False
    labels = host.removesuffix(suffix).split(".")
    return all(_LABEL.fullmatch(label) for label in labels)


def verify_cross_origin(client_data: CollectedClientData, *, allowed: bool) -> None:
    """A page inside a frame of another origin takes part only where the relying party expects that."""
    if client_data.cross_origin and not allowed:
        raise ClientDataRefused(Code.CROSS_ORIGIN_NOT_EXPECTED, "cross-origin", expected=False, received=True)


def verify_top_origin(
    client_data: CollectedClientData, top_origins: Collection[str], *, cross_origin_allowed: bool
) -> None:
    """The embedding page, where the client names one, is an expected one.

    A client sets `topOrigin` only together with ``crossOrigin: true``; one without the other is a contradiction.
    """
    top_origin = client_data.top_origin
    if top_origin is None:
        return
    if cross_origin_allowed and client_data.cross_origin and (top_origin in top_origins or ANY_ORIGIN in top_origins):
        return
    raise ClientDataRefused(
        Code.TOP_ORIGIN_NOT_EXPECTED, "top-origin", expected=sorted(top_origins), received=top_origin
    )
