"""What one process counts. Every label comes from a fixed set: no id, no name, no path that a client chose."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unlatch.server.database import Database
from unlatch.server.metrics import CODES

#: Seconds between two looks at what changes without a request.
LOOK_EVERY: Final = 5.0

_METHODS = frozenset(("GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"))
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

_REQUESTS = Counter("unlatch_http_requests", "Requests that were answered.", ("method", "route", "status"))
_SECONDS = Histogram("unlatch_http_request_seconds", "Time to the end of the answer.", ("route",), buckets=_BUCKETS)
_BEGUN = Counter("unlatch_ceremonies_begun", "Ceremonies that were begun.", ("ceremony",))
_FINISHED = Counter("unlatch_ceremonies_finished", "Ceremonies that were finished with success.", ("ceremony",))
_REFUSED = Counter("unlatch_ceremonies_refused", "Ceremonies that were refused, by code.", ("ceremony", "code"))
_SWEPT = Counter("unlatch_rows_swept", "Rows deleted because they were over.", ("table",))
_IN_USE = Gauge("unlatch_database_connections_in_use", "Connections at work.", multiprocess_mode="livesum")
_OPEN = Gauge("unlatch_database_connections_open", "Connections at work or waiting.", multiprocess_mode="livesum")
_RESIDENT = Gauge("unlatch_process_resident_bytes", "Memory of each process.", multiprocess_mode="liveall")


class Counting:
    """ASGI middleware around everything, also around the edge.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A list, because what is called may work on a copy of the scope: the list in it stays the same one.
        codes: list[str] = []
        scope[CODES] = codes
        status = 500
        started = time.perf_counter()

        async def send_and_look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_look)
        finally:
            route = getattr(scope.get("route"), "path", "") or "none"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            _REQUESTS.labels(method, route, str(status)).inc()
            _SECONDS.labels(route).observe(time.perf_counter() - started)
            _count_ceremony(route, status, codes)


def _count_ceremony(route: str, status: int, codes: list[str]) -> None:
    ceremony, _, step = route.removeprefix("/v1/").partition("/")
    if ceremony not in ("registration", "authentication"):
        return
    if codes:
        _REFUSED.labels(ceremony, codes[-1]).inc()
    elif status < 300 and step == "options":
        _BEGUN.labels(ceremony).inc()
    elif status < 300 and step == "verify":
        _FINISHED.labels(ceremony).inc()


def count_swept(swept: Mapping[str, int]) -> None:
    """Note what a sweep deleted, by table."""
    for table, rows in swept.items():
        _SWEPT.labels(table).inc(rows)


async def look_for_ever(database: Database) -> None:
    """Note again and again what changes without a request, until cancelled."""
    while True:
        at_work, opened = database.connections()
        _IN_USE.set(at_work)
        _OPEN.set(opened)
        _RESIDENT.set(resident_bytes())
        await asyncio.sleep(LOOK_EVERY)


def resident_bytes() -> int:
    """How much memory this process holds; 0 where the system does not say (no /proc)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
