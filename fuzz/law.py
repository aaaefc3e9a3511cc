"""The law of every target: a value or an `UnlatchError`, in bounded time, with evidence that can be logged."""

from __future__ import annotations

import json
from time import thread_time

from fuzz.targets import Call
from unlatch import UnlatchError

#: Seconds of processor time for one input of at most `MAX_BYTES`, while every branch is being counted.
LIMIT = 2.0
MAX_BYTES = 65_536


class TooSlow(Exception):
    """An input took longer than `LIMIT`."""


def obey(call: Call, data: bytes) -> float:
    """Call, and see that the law is kept.

    Returns:
        Seconds of processor time that it took.

    Raises:
        TooSlow: It took too long.
        Exception: Whatever came out that is not one of our errors.
    """
    began = thread_time()
    try:
        call(data)
    except UnlatchError as error:
        json.dumps(error.evidence())
        str(error).encode("utf-8", "backslashreplace")
    taken = thread_time() - began
    if taken > LIMIT:
        raise TooSlow(f"{taken:.1f} s for {len(data)} bytes")
    return taken
