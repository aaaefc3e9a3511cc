"""Two requests at once that both want to delete."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Engine

#: Seconds for which the first waits for the second, which does not come if the first holds what it needs.
TOGETHER = 0.5


def delete_at_once(engine: Engine, request: Callable[[str], Any], wanted: Iterable[str]) -> list[Any]:
    """Ask for two removals in two threads; each deletes when the other is about to as well, or cannot come so far."""
    meeting = Barrier(2, timeout=TOGETHER)

    def meet(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("DELETE"):
            with suppress(BrokenBarrierError):
                meeting.wait()

    event.listen(engine, "before_cursor_execute", meet)
    try:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(request, wanted))
    finally:
        event.remove(engine, "before_cursor_execute", meet)
