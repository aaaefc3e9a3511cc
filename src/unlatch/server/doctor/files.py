"""Looks at the data folder: who may read it, and how much room there is."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from unlatch.errors import Misconfigured
from unlatch.server.doctor.findings import Finding, good, note, wrong
from unlatch.server.seal_keys import FILE_NAME, own_keys
from unlatch.server.settings import CeremonyKeeping, Settings

#: Bytes of free disk below which the server will soon refuse to write, and below which one should look.
_NO_ROOM: Final = 64 * 1024**2
_LITTLE_ROOM: Final = 1024**3


def look_at_files(settings: Settings) -> Iterator[Finding]:
    """Whether the folder can be used, is for its owner alone, and has room."""
    folder = settings.data
    if not folder.exists():
        yield from _look_at_place(folder)
        return
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield wrong("data folder", f"{str(folder)!r} is no folder that this account may write. Name one with --data.")
        return
    secret = [folder, *folder.glob("unlatch*.sqlite3*"), folder / FILE_NAME]
    open_to_others = [path for path in secret if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    for path in open_to_others:
        yield wrong(
            "data folder", f"Other accounts of this machine may use {str(path)!r}. Run: chmod go-rwx {_quoted(path)}"
        )
    if not open_to_others:
        yield good("data folder", f"{str(folder)!r} is for its owner alone.")
    if settings.ceremonies is CeremonyKeeping.SEALED and not settings.seal_keys and (folder / FILE_NAME).exists():
        try:
            own_keys(folder)
        except Misconfigured as error:
            yield wrong("seal keys", error.detail)
    yield from _look_at_room(folder)


def _look_at_place(folder: Path) -> Iterator[Finding]:
    """A folder that is still to be made."""
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        yield good("data folder", f"{str(folder)!r} is made when the server starts.")
        yield from _look_at_room(above)
    else:
        yield wrong("data folder", f"{str(folder)!r} cannot be made: this account may not write {str(above)!r}.")


def _look_at_room(folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free
    if free < _NO_ROOM:
        yield wrong("disk", f"{_megabytes(free)} are free at {str(folder)!r}: writing will soon fail. Make room.")
    elif free < _LITTLE_ROOM:
        yield note("disk", f"Only {_megabytes(free)} are free at {str(folder)!r}. Make room.")
    else:
        yield good("disk", f"{_megabytes(free)} are free.")


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:,.0f} MiB"


def _quoted(path: Path) -> str:
    text = str(path)
    return text if text.replace("/", "").replace(".", "").replace("-", "").replace("_", "").isalnum() else repr(text)
