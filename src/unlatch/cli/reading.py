"""What a command reads: a file, standard input for ``-``, or a value that was pasted in its place."""

from __future__ import annotations

import sys
from pathlib import Path

from unlatch.cli.exits import refuse
from unlatch.cli.text import visible

#: A recording is at most 1 MiB; hex doubles what it writes down.
MAX_BYTES = 2_097_152
#: Names longer than a path can be are values.
_LONGEST_PATH = 1024


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


def read_value(source: str) -> bytes:
    """As `read`, or the argument itself where no file has this name."""
    if source == "-" or (len(source) <= _LONGEST_PATH and "\0" not in source and _is_file(source)):
        return read(source)
    return source.encode("utf-8", "surrogateescape")


def _is_file(source: str) -> bool:
    try:
        return Path(source).is_file()
    except OSError:  # a name too long for this file system
        return False
