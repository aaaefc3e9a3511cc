"""Makers of attestation statements, one file a format, and the table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unlatch.testing.scene import Scene
from unlatch.testing.statements import none, packed

#: Format name as an authenticator is asked for it -> (format identifier on the wire, maker of its statement).
MAKERS: dict[str, tuple[str, Callable[[Scene], Any]]] = {
    "none": ("none", none.make),
    "packed": ("packed", packed.make),
    "packed-self": ("packed", packed.make_self),
}
