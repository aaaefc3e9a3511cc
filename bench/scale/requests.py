"""Requests to the server's application in this process, one at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp


class Requests:
    """A client without a network.

    Args:
        app: The application.
        origin: Where its pages are.
    """

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self._app = app
        self._origin = origin.encode()
        self._runner = asyncio.Runner()
        self._cookie = b""

    def close(self) -> None:
        """End the event loop."""
        self._runner.close()

    def post(self, path: str, body: object) -> dict[str, Any]:
        """Post JSON as the same visitor each time.

        Raises:
            RuntimeError: The answer is no success.
        """
        return self._runner.run(self._post(path, json.dumps(body).encode()))

    async def _post(self, path: str, body: bytes) -> dict[str, Any]:
        received: list[MutableMapping[str, Any]] = []
        headers = [
            (b"host", self._origin.partition(b"://")[2]),
            (b"origin", self._origin),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cookie", self._cookie),
        ]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
        }

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            received.append(message)

        await self._app(scope, receive, send)
        answer = b"".join(message.get("body", b"") for message in received)
        if received[0]["status"] != 200:
            raise RuntimeError(f"{received[0]['status']} {answer!r}")
        for name, value in received[0]["headers"]:
            # The cookie that ties ceremonies to this visitor; sessions are left behind, each sign-in is a new one.
            if name == b"set-cookie" and b"visitor" in value:
                self._cookie = value.partition(b";")[0]
        found: dict[str, Any] = json.loads(answer)
        return found
