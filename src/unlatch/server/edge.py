"""The outermost layer: what is true of every request and every answer, in plain ASGI.

Requests: a body has at most 64 KiB however it is sent, arrives in time and, where it can change something, comes from
one of our own pages as JSON. Answers: the security headers. Errors: one problem document, or one page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unlatch.adapters.http.admission import expect_json, expect_length, expect_own_page, expect_size
from unlatch.server.bodies import BODY
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.settings import Settings

#: Seconds in which a body must have arrived.
BODY_SECONDS = 30.0

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}

ErrorAnswer = Callable[[Scope, Exception], Awaitable[ASGIApp]]


class Edge:
    """ASGI middleware around the whole application.

    Args:
        app: The application.
        settings: Decides the expected origins and whether the site is https.
        answer: Turns an error into the answer for this request.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, answer: ErrorAnswer) -> None:
        self._app = app
        self._origins = frozenset(settings.origins)
        self._answer = answer
        fields = {
            "content-security-policy": "; ".join(f"{name} {value}" for name, value in _CONTENT_SECURITY_POLICY.items()),
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "publickey-credentials-create=(self), publickey-credentials-get=(self)",
        }
        if settings.secure:
            fields["strict-transport-security"] = "max-age=31536000"
        self._fields = [(name.encode(), value.encode()) for name, value in fields.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_fields(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                present = [name for name, _ in message["headers"]]
                message["headers"] = [*message["headers"], *self._fields]
                if b"cache-control" not in present:
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        try:
            if scope["method"] not in _SAFE:
                receive = await self._admit(scope, receive)
            await self._app(scope, receive, send_with_fields)
        except Exception as error:
            if started:
                raise
            await (await self._answer(scope, error))(scope, receive, send_with_fields)

    async def _admit(self, scope: Scope, receive: Receive) -> Receive:
        """Judge a request that may change something; return a `receive` that replays its body.

        Raises:
            Rejected: From another site, not JSON, or too slow.
            Malformed: Too large.
        """
        # Of a field that stands there twice, the first counts.
        fields = dict(reversed(scope["headers"]))
        origin, fetch_site = _text(fields.get(b"origin")), _text(fields.get(b"sec-fetch-site"))
        expect_own_page(self._origins, origin=origin, fetch_site=fetch_site)
        expect_length(_text(fields.get(b"content-length")))
        scope[BODY] = body = await _whole_body(receive)
        if body or scope["method"] != "DELETE":
            expect_json(_text(fields.get(b"content-type")))
        rest = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def replay() -> Message:
            return next(rest, None) or await receive()

        return replay


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


async def _whole_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise Rejected(ServerCode.REQUEST_MALFORMED, "The request ended too early.")
                chunks.append(message.get("body", b""))
                size += len(chunks[-1])
                expect_size(size)
                if not message.get("more_body", False):
                    return b"".join(chunks)
    except TimeoutError:
        raise Rejected(ServerCode.REQUEST_TIMEOUT) from None
