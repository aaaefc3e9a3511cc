"""What the operator decides, as one value."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of one running server.

    Attributes:
        data: Folder of the database; made when missing.
        rp_id: Relying party id: the domain that passkeys are bound to.
        rp_name: What people read as the name of this site.
        origins: Origins from which the pages are used, the canonical one first.
        session_idle: A session that was not used for this long is over.
        session_lifetime: A session is over after this long in any case.
        ceremony_seconds: How long a person has for the browser's dialog. Five minutes follows WCAG 2.2, "enough time".
    """

    data: Path
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
