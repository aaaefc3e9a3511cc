"""Which functions run while something is done: how a test sees the order of steps, or that a short way was taken."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType, FunctionType


def calls_during(action: Callable[[], object]) -> list[tuple[CodeType, CodeType]]:
    """Caller and called, in order, as ``function.__code__``."""
    calls: list[tuple[CodeType, CodeType]] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_back is not None:
            calls.append((frame.f_back.f_code, frame.f_code))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return calls


def count(function: FunctionType, action: Callable[[], object]) -> int:
    """How often a function of ours is called while `action` runs, which runs twice.

    The first time is for those who watch the tests themselves, as `make mutants` does: they see nothing of the second.
    """
    action()
    return sum(called is function.__code__ for _, called in calls_during(action))
