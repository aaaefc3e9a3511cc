"""What a command reads: a file, or standard input for ``-``."""

from __future__ import annotations

import sys
from pathlib import Path

from unlatch.cli.exits import refuse
from unlatch.cli.text import visible

#: A recording is at most 1 MiB; hex doubles what it writes down.
MAX_BYTES = 2_097_152


def read(source: str) -> bytes:
    """The bytes of a file, or of standard input.

    Args:
        source: Path of a file, or ``-``.

    Returns:
        All bytes. A source that is unreadable or larger than `MAX_BYTES` ends the program with exit code 2.
    """
    try:
        if source == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        refuse(f"{visible(source)} cannot be read: {reason or error}")
    if len(data) > MAX_BYTES:
        refuse(f"{visible(source)} is larger than {MAX_BYTES} bytes, more than any ceremony.")
    return data
