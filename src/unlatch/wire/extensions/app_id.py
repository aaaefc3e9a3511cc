"""The `appid` and `appidExclude` extensions (sections 10.1.1 and 10.1.2), for credentials made with FIDO U2F."""

from __future__ import annotations

from typing import Any

from unlatch.wire.extensions.reading import bad_input

_MAX_LENGTH = 2048


def check_input(value: Any, path: str) -> None:
    """An AppID: an https URL, exactly as it was registered with U2F.

    Raises:
        Malformed: Anything else.
    """
    from urllib.parse import urlsplit

    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        bad_input(path, "the AppID as it was used with U2F, an https URL")
    if len(value) > _MAX_LENGTH or not value.startswith("https://"):
        bad_input(path, f"an https URL of at most {_MAX_LENGTH} characters")
    try:
        host = urlsplit(value).hostname
    except ValueError:
        host = None
    if not host:
        bad_input(path, "an https URL with a host")
