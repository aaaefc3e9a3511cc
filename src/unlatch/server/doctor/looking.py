"""All looks, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from unlatch.server.doctor.configuration import look_at_seal_keys, look_at_site
from unlatch.server.doctor.database import look_at_database
from unlatch.server.doctor.files import look_at_files
from unlatch.server.doctor.findings import Finding, wrong
from unlatch.server.doctor.redis import look_at_redis
from unlatch.server.settings import Settings

_LOOKS: Final[tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...]] = (
    ("site", look_at_site),
    ("seal keys", look_at_seal_keys),
    ("data folder", look_at_files),
    ("database", look_at_database),
    ("redis", look_at_redis),
)


def look(settings: Settings) -> Iterator[Finding]:
    """Look at everything. A look that breaks is a finding too, and the others go on."""
    for subject, look_at in _LOOKS:
        try:
            yield from look_at(settings)
        except Exception as error:  # noqa: BLE001 - whoever asks what is wrong needs an answer, not a traceback
            yield wrong(subject, f"This could not be looked at: {type(error).__name__}: {error}")
