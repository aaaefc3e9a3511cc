"""One way to run: ``python -m bench NAME [OPTIONS]``; ``python -m bench`` (`make bench`) runs the parts of the page."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from importlib import import_module

#: Name -> what it measures. Each is a module with `main(arguments)`.
BENCHMARKS = {
    "ceremonies": "every ceremony and what belongs to it, beside the peers",
    "start": "import and first sign-in of a new process, beside the peers",
    "scaling": "two threads and two processes",
    "instructions": "machine instructions of the two ceremonies with a budget, by valgrind",
    "server": "complete sign-ins over HTTP, beside an application as it is usually written",
    "flame": "where a server's processor time goes, as a flame graph",
    "postgres": "sign-ins through SQL, on both backends",
    "page": "write docs/reference/benchmarks.md and the plots from the results",
    "scale": "sign-ins among a million passkeys",
    "memory": "the memory of a server after many sign-ins",
}
#: What `make bench` runs, in this order.
PAGE = ("ceremonies", "start", "scaling", "instructions", "server", "flame", "postgres", "page")


def main(arguments: list[str]) -> None:
    """Run one benchmark, or those of the page."""
    if arguments and not arguments[0].startswith("-"):
        name, *rest = arguments
        if name not in BENCHMARKS:
            raise SystemExit(f"python -m bench: there is no {name!r}.\n{_names()}")
        _main_of(name)(rest)
        return
    if set(arguments) - {"--quick"}:
        raise SystemExit(f"usage: python -m bench [NAME] [--quick] [OPTIONS]\n{_names()}")
    for name in PAGE:
        if name != "page" or not arguments:
            _main_of(name)(arguments)


def _main_of(name: str) -> Callable[[list[str]], None]:
    module = f"bench.{name}.__main__" if name == "scale" else f"bench.{name}"
    found: Callable[[list[str]], None] = import_module(module).main
    return found


def _names() -> str:
    return "\n".join(f"  {name:14}{what}" for name, what in BENCHMARKS.items())


if __name__ == "__main__":
    # Whoever stops this stops the servers and workers too: they end with the blocks that started them.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(sys.argv[1:])
