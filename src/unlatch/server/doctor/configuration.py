"""Looks at what the operator chose: the relying party, and the keys that seal ceremonies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from unlatch.errors import Misconfigured
from unlatch.server.doctor.findings import Finding, good, note, wrong
from unlatch.server.seal_keys import FILE_NAME, VARIABLE
from unlatch.server.settings import CeremonyKeeping, Settings
from unlatch.server.site import relying_party

#: More processes than this for each processor only wait for each other.
_WORKERS_PER_PROCESSOR: Final = 4


def look_at_site(settings: Settings) -> Iterator[Finding]:
    """Whether RP ID and origins go together, and what they mean for people."""
    origins = settings.origins or (f"https://{settings.rp_id}",)
    if settings.rp_id == "localhost" and not settings.origins:
        origins = ("http://localhost:8000",)
    try:
        relying_party(replace(settings, origins=origins))
    except Misconfigured as error:
        yield wrong("site", error.detail)
        return
    if settings.rp_id == "localhost":
        yield note(
            "site",
            "The RP ID is localhost: these passkeys work in a browser on this machine alone. For people elsewhere, "
            "give your domain with --rp-id and its https:// address with --origin.",
        )
    else:
        yield good("site", f"Passkeys are bound to {settings.rp_id}; people come from {', '.join(origins)}.")
    processors = os.cpu_count() or 1
    if settings.workers > processors * _WORKERS_PER_PROCESSOR:
        yield note(
            "workers",
            f"{settings.workers} workers on {processors} processors only wait for each other. Take --workers "
            f"{processors}.",
        )


def look_at_seal_keys(settings: Settings) -> Iterator[Finding]:
    """Whether there are keys, and whether several machines would have the same."""
    if settings.ceremonies is not CeremonyKeeping.SEALED:
        return
    if settings.seal_keys:
        number = len(settings.seal_keys)
        yield good("seal keys", f"{number} key{'' if number == 1 else 's'} given; the first one seals.")
    elif settings.database is None:
        yield good("seal keys", f"The key is in the data folder ({FILE_NAME}); it is made when the server starts.")
    else:
        yield note(
            "seal keys",
            "The key is in the data folder of this machine. If several machines serve this site, ceremonies that "
            f"begin on one cannot finish on another: give all of them the same keys, in {VARIABLE} or with "
            "--seal-keys-file.",
        )
