"""Judge RP IDs and origins when a relying party is set up, and say what to change.

A wrong origin is the commonest reason why passkeys "do not work", and browsers say little about it.
"""

from __future__ import annotations

import re

from unlatch.errors import Misconfigured

_MAX_DOMAIN_LENGTH = 253
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ORIGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[^/:?#@\[\]]+)(?::(?P<port>[0-9]{1,5}))?")
_DEFAULT_PORTS = {"https": "443", "http": "80"}
_ANDROID = "android:apk-key-hash:"
_IOS = "ios:bundle-id:"
#: Reverse domain notation, as Apple's bundle identifiers have it.
_IOS_BUNDLE = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
#: Base64url of a SHA-256 or (older documentation) SHA-1 hash of the signing certificate.
_ANDROID_HASH = r"[A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{27}"


def check_rp_id(rp_id: str) -> None:
    """Refuse what is not a valid domain (section 5.1.2: no scheme, no port, no address).

    Raises:
        Misconfigured: With what to write instead.
    """
    if not isinstance(rp_id, str) or not rp_id:
        raise Misconfigured("The RP ID is empty; use the site's domain, for example 'example.org'.")
    if "/" in rp_id:
        raise Misconfigured(f"The RP ID {rp_id!r} is a URL; use the domain alone, for example 'example.org'.")
    if ":" in rp_id:
        raise Misconfigured(f"The RP ID {rp_id!r} has a port or is an address; use the domain alone, without a port.")
    _check_domain(rp_id, f"The RP ID {rp_id!r}")


def check_origin(origin: str, rp_id: str) -> None:
    """Refuse an origin that browsers would not pair with the RP ID.

    Raises:
        Misconfigured: With what to write instead.
    """
    host = _web_host(origin)
    if host != rp_id and not host.endswith(f".{rp_id}"):
        raise Misconfigured(
            f"The origin {origin!r} does not belong to the RP ID {rp_id!r}: its host must be {rp_id!r} or end in "
            f"'.{rp_id}'. List it under related_origins if it is another site of yours."
        )
    if host != rp_id and "." not in rp_id and rp_id != "localhost":
        raise Misconfigured(
            f"The RP ID {rp_id!r} is a top-level domain; browsers refuse it for {origin!r}. Use a registrable domain."
        )


def check_related_origin(origin: str) -> None:
    """Refuse what cannot stand in ``/.well-known/webauthn`` (section 5.11).

    Raises:
        Misconfigured: With what to write instead.
    """
    _web_host(origin)


def check_app_origin(origin: str) -> None:
    """Refuse web origins and malformed Android key hashes in the list of native applications.

    Raises:
        Misconfigured: With what to write instead.
    """
    if not isinstance(origin, str) or ":" not in origin or origin.startswith(("http:", "https:")):
        raise Misconfigured(
            f"The app origin {origin!r} is not an application identifier such as '{_ANDROID}...'; web origins belong "
            f"under origins or related_origins."
        )
    if origin.startswith(_ANDROID) and not re.fullmatch(_ANDROID_HASH, origin.removeprefix(_ANDROID)):
        raise Misconfigured(
            f"The app origin {origin!r} must end in the unpadded base64url SHA-256 hash of the signing certificate."
        )
    if origin.startswith(_IOS) and not re.fullmatch(_IOS_BUNDLE, origin.removeprefix(_IOS)):
        raise Misconfigured(
            f"The app origin {origin!r} must end in the app's bundle identifier, for example 'org.example.app'."
        )


def _web_host(origin: str) -> str:
    """The host of a well-formed web origin."""
    if not isinstance(origin, str) or not origin:
        raise Misconfigured("An origin is empty; write it as a browser does, for example 'https://example.org'.")
    if origin.endswith("/") and _ORIGIN.fullmatch(origin.rstrip("/")):
        raise Misconfigured(f"The origin {origin!r} ends in a slash; write {origin.rstrip('/')!r}.")
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        if origin != origin.lower() and _ORIGIN.fullmatch(origin.lower()):
            raise Misconfigured(f"The origin {origin!r} has capital letters; write {origin.lower()!r}.")
        raise Misconfigured(
            f"{origin!r} is not an origin: write scheme, host and, if it is not the default, port: "
            f"'https://example.org' or 'http://localhost:8000'."
        )
    scheme, host, port = match["scheme"], match["host"], match["port"]
    _check_domain(host, f"The host of the origin {origin!r}")
    if scheme not in _DEFAULT_PORTS:
        raise Misconfigured(f"The origin {origin!r} must use https (or http on localhost).")
    if scheme == "http" and host != "localhost" and not host.endswith(".localhost"):
        raise Misconfigured(f"The origin {origin!r} uses http, which browsers allow for localhost only; use https.")
    if port is not None and (port == _DEFAULT_PORTS[scheme] or port.startswith("0") or int(port) > 65535):
        raise Misconfigured(
            f"The port of the origin {origin!r} is not written as browsers do: leave the default port out, and use "
            f"1 to 65535."
        )
    return host


def _check_domain(domain: str, what: str) -> None:
    if domain != domain.lower():
        raise Misconfigured(f"{what} has capital letters; write {domain.lower()!r}.")
    labels = domain.split(".")
    if len(domain) > _MAX_DOMAIN_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise Misconfigured(
            f"{what} is not a valid domain: labels of letters, digits and hyphens, joined by dots; write "
            f"international names in their 'xn--' form."
        )
    if labels[-1].isdigit() or (labels[-1].startswith("0x") and re.fullmatch(r"0x[0-9a-f]*", labels[-1])):
        raise Misconfigured(f"{what} is an IP address; passkeys need a domain ('localhost' for development).")
