"""What the operator decides, as one value."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from unlatch.errors import Misconfigured


class CeremonyKeeping(StrEnum):
    """Where ceremonies wait between their options and their response; see `unlatch.server.keeping`."""

    SEALED = "sealed"
    DATABASE = "database"
    REDIS = "redis"


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of one running server.

    Attributes:
        data: Folder of the SQLite file and of what else is kept on this machine; made when missing.
        database: URL of the database; None for the SQLite file in `data`. May hold a password.
        redis: URL of Redis, if it keeps the ceremonies. May hold a password.
        ceremonies: Where ceremonies wait.
        seal_keys: Keys of sealed ceremonies, newest first; empty for those in the data folder.
        workers: Processes that answer requests.
        metrics: Where the metrics are told: an address with a port, or a port of this machine; None for nowhere.
        rp_id: Relying party id: the domain that passkeys are bound to.
        rp_name: What people read as the name of this site.
        origins: Origins from which the pages are used, the canonical one first.
        session_idle: A session that was not used for this long is over.
        session_lifetime: A session is over after this long in any case.
        ceremony_seconds: How long a person has for the browser's dialog. Five minutes follows WCAG 2.2, "enough time".
    """

    data: Path
    # Not in `repr`: they are secrets, and a value like this one ends in tracebacks.
    database: str | None = field(default=None, repr=False)
    redis: str | None = field(default=None, repr=False)
    ceremonies: CeremonyKeeping = CeremonyKeeping.SEALED
    seal_keys: tuple[bytes, ...] = field(default=(), repr=False)
    workers: int = 1
    metrics: str | None = None
    rp_id: str = "localhost"
    rp_name: str = "Unlatch"
    origins: tuple[str, ...] = ("http://localhost:8000",)
    session_idle: timedelta = timedelta(hours=12)
    session_lifetime: timedelta = timedelta(days=30)
    ceremony_seconds: int = 300

    @property
    def secure(self) -> bool:
        """Whether cookies are marked Secure: everywhere but on plain-http localhost."""
        return all(origin.startswith("https://") for origin in self.origins)


def ceremony_keeping(chosen: str | None, *, redis: str | None) -> CeremonyKeeping:
    """Where ceremonies wait: as chosen; else in Redis where there is one, else sealed.

    Raises:
        Misconfigured: The choice and `redis` do not go together.
    """
    if chosen is None:
        return CeremonyKeeping.SEALED if redis is None else CeremonyKeeping.REDIS
    try:
        keeping = CeremonyKeeping(chosen)
    except ValueError:
        raise Misconfigured(
            f"Ceremonies cannot be kept as {chosen!r}: --ceremonies is one of {', '.join(CeremonyKeeping)}."
        ) from None
    if keeping is CeremonyKeeping.REDIS and redis is None:
        raise Misconfigured("To keep ceremonies in Redis, say where it is: --redis or UNLATCH_REDIS.")
    if keeping is not CeremonyKeeping.REDIS and redis is not None:
        raise Misconfigured(
            f"Redis would not be used with --ceremonies {keeping}. Leave out either of the two (also UNLATCH_REDIS)."
        )
    return keeping


def default_data_folder() -> Path:
    """``UNLATCH_DATA``, or where the operating system wants an application's data of this user."""
    chosen = os.environ.get("UNLATCH_DATA")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "unlatch"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "unlatch"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "unlatch"
