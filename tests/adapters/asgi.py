"""An ASGI application for a blocking HTTP client: every request runs in one event loop that waits in between."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class Loop(httpx.BaseTransport):
    """A transport for `httpx.Client`.

    A database engine belongs to the loop that opened it, so the runner is given: others use it too.
    """

    def __init__(self, app: Any, runner: asyncio.Runner) -> None:
        self._transport = httpx.ASGITransport(app=app)
        self._runner = runner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        answer = await self._transport.handle_async_request(request)
        body = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))
