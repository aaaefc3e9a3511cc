"""Makers of attestation statements, one file a format, and the table of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from unlatch.testing.scene import Scene
from unlatch.testing.statements import android_key, android_safetynet, apple, fido_u2f, none, packed, tpm


@dataclass(frozen=True, slots=True)
class Maker:
    """How statements of one kind are made.

    Attributes:
        format: Format identifier on the wire.
        make: Makes the statement once client data and authenticator data are there.
        algorithms: COSE numbers of credential keys that it can attest; None for all.
    """

    format: str
    make: Callable[[Scene], Any]
    algorithms: frozenset[int] | None = None


def _make_compound(scene: Scene) -> list[dict[str, Any]]:
    """Section 8.9: several statements about the same credential, each under its format's name."""
    makers = [MAKERS[name] for name in scene.authenticator.compound]
    return [{"fmt": maker.format, "attStmt": maker.make(scene)} for maker in makers]


#: By the name that `SoftwareAuthenticator(attestation=...)` takes.
MAKERS: MappingProxyType[str, Maker] = MappingProxyType(
    {
        "none": Maker("none", none.make),
        "packed": Maker("packed", packed.make),
        "packed-self": Maker("packed", packed.make_self),
        "tpm": Maker("tpm", tpm.make, tpm.ALGORITHMS),
        "android-key": Maker("android-key", android_key.make, android_key.ALGORITHMS),
        "android-safetynet": Maker("android-safetynet", android_safetynet.make),
        "fido-u2f": Maker("fido-u2f", fido_u2f.make, frozenset((-7,))),
        "apple": Maker("apple", apple.make, frozenset((-7,))),
        "compound": Maker("compound", _make_compound),
    }
)
