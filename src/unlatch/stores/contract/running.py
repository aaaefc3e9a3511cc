"""How the contract runs a store: compared without `assert`, from many threads, and asynchronous stores blocking."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

#: How many callers come at the same moment.
AT_ONCE = 32


def at_once(action: Callable[[int], T], times: int) -> list[T]:
    """Call `action(0)`, `action(1)`, ... in as many threads, started together; return the results in that order."""
    barrier = threading.Barrier(times)

    def act(number: int) -> T:
        barrier.wait(timeout=60)
        return action(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(act, range(times)))


@contextmanager
def blocking() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Give asynchronous stores a blocking face, which the contract can call from any number of threads.

    Yields:
        A function that takes a factory of an asynchronous store, calls it inside a running event loop (which lives
        in a thread of its own), and returns an object whose methods run in that loop and wait for the result.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="unlatch-store-contract", daemon=True)
    thread.start()

    def block(factory: Callable[[], Any]) -> Any:
        async def make() -> Any:
            return factory()

        return _Blocking(asyncio.run_coroutine_threadsafe(make(), loop).result(timeout=60), loop)

    try:
        yield block
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Blocking:
    """Every method of `target`, waited for."""

    def __init__(self, target: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._target = target
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(method(*args, **kwargs), self._loop).result(timeout=60)

        return call


def equal(found: object, expected: object) -> None:
    """Fail the test unless both are equal."""
    # Not the statement `assert`: this module is imported by other people's tests, where nobody rewrites it, and it
    # must also hold under `python -O`.
    if found != expected:
        raise AssertionError(f"expected {expected!r}, found {found!r}")
