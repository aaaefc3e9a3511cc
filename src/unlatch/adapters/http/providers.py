"""Where a passkey lives, in words: the provider's name by AAGUID.

An AAGUID that is not attested is only a claim. It is good for a label that helps people to tell their passkeys
apart and for nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from uuid import UUID

#: Transports of authenticators that one carries around.
_ROAMING = frozenset({"usb", "nfc", "ble", "smart-card"})


@cache
def _names() -> Mapping[bytes, str]:
    """The list in ``data/aaguid-names.json``; its `source` member says where it comes from."""
    text = resources.files("unlatch.adapters.http").joinpath("data/aaguid-names.json").read_text(encoding="utf-8")
    return MappingProxyType({UUID(aaguid).bytes: name for aaguid, name in json.loads(text)["names"].items()})


def provider_name(aaguid: bytes) -> str | None:
    """Name of the passkey provider with this AAGUID (16 bytes), or None when it is not in the list."""
    return _names().get(aaguid)


def default_name(aaguid: bytes, transports: tuple[str, ...]) -> str:
    """What a passkey is called until its owner renames it."""
    name = provider_name(aaguid)
    if name is not None:
        return name
    if transports and _ROAMING.issuperset(transports):
        return "Security key"
    return "Passkey"
