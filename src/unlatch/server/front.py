"""The application's front: the two routes that are asked most, and the framework for everything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send


class Endpoint:
    """A route as an ASGI application of its own; its endpoint takes the request and makes the response.

    Args:
        route: The route, with its endpoint.
        app: The application that the route belongs to.
    """

    def __init__(self, route: APIRoute, app: FastAPI) -> None:
        self._route = route
        self._handler: Callable[[Request], Awaitable[ASGIApp]] = route.endpoint
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        scope["app"] = self._app
        scope["route"] = self._route
        response = await self._handler(Request(scope, receive))
        await response(scope, receive, send)


class Front:
    """An ASGI application before another one.

    Args:
        app: Answers what is not in the table.
        routes: Method and path -> application. The same are in `app`, for the description and for other methods.
    """

    def __init__(self, app: ASGIApp, routes: Mapping[tuple[str, str], ASGIApp]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event (ASGI)."""
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        await (route or self._app)(scope, receive, send)
