"""The ASGI application: routes, edge, errors, and what runs beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from unlatch import __version__
from unlatch.adapters.http.problems import problem_of
from unlatch.errors import UnlatchError
from unlatch.server.bodies import sentence
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.database import Database
from unlatch.server.edge import Edge
from unlatch.server.front import Endpoint, Front
from unlatch.server.health import Readiness
from unlatch.server.metrics import CODES
from unlatch.server.redis_client import open_redis
from unlatch.server.routes import authentication, health, pages, passkeys, registration, session
from unlatch.server.settings import Settings
from unlatch.server.site import Site
from unlatch.server.sweeping import sweep_for_ever


def create_application(settings: Settings, database: Database) -> ASGIApp:
    """The application of one site. The tables must be there (`unlatch.server.migrate`).

    Raises:
        Misconfigured: RP ID and origins do not go together, or Redis or the keys cannot be used.
    """
    site = Site.of(settings, database)
    app = FastAPI(
        title="unlatch",
        summary="Passkeys: make them, sign in with them, manage them.",
        version=__version__,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.site = site
    redis = open_redis(settings)
    app.state.readiness = Readiness(database, ping=None if redis is None else redis.ping)
    for module in (registration, authentication, passkeys, session, health, pages):
        app.include_router(module.router)
    app.mount("/static", _StaticFiles(packages=[("unlatch.server", "static"), ("unlatch.adapters.http", "static")]))
    app.add_exception_handler(HTTPException, _answer)
    app.add_exception_handler(RequestValidationError, _answer)

    async def answer(scope: Scope, error: Exception) -> ASGIApp:
        # Starlette names the application in the scope only when it routes, which a request may never reach.
        return await _answer(Request({"app": app, **scope}), error)

    app.add_middleware(Edge, settings=settings, answer=answer)
    front = Front(
        app,
        {
            ("POST", route.path): Edge(Endpoint(route, app), settings=settings, answer=answer)
            for route in authentication.router.routes
            if isinstance(route, APIRoute)
        },
    )
    if settings.metrics is None:
        return front
    from unlatch.server.metrics.counting import Counting

    return Counting(front)


class _StaticFiles(StaticFiles):
    """Files that browsers keep and ask about each time: a new version of the server is seen at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        response.headers["cache-control"] = "no-cache"
        return response


async def _answer(request: Request, error: Exception) -> Response:
    """One problem document for programs, one page for people."""
    path = request.scope["path"]  # not `request.url`: it takes the Host header, which may be anything, for a part of it
    where = f"{request.method} {path}"
    underlying = _underlying(error)
    problem = problem_of(underlying, where=where)
    if CODES in request.scope:
        request.scope[CODES].append(str(getattr(underlying, "code", problem.code)))
    if path.startswith("/v1") or "text/html" not in request.headers.get("accept", ""):
        response = Response(problem.body(), problem.status)
    else:
        response = pages.error_page(request, problem)
    realm = request.app.state.site.rp.id
    for name, value in problem.headers(realm=realm):
        if name != "content-type" or "content-type" not in response.headers:
            response.headers[name] = value
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})  # which methods are allowed, where one was not
    return response


def _underlying(error: Exception) -> Exception:
    """The frameworks' errors in our words."""
    if isinstance(error, RequestValidationError):
        return Rejected(ServerCode.REQUEST_MALFORMED, sentence(error.errors()[0], within=1))
    if isinstance(error, HTTPException):
        if isinstance(error.__cause__, UnlatchError):
            return error.__cause__
        codes = {404: ServerCode.NOT_FOUND, 405: ServerCode.METHOD_NOT_ALLOWED}
        return Rejected(codes.get(error.status_code, ServerCode.REQUEST_MALFORMED))
    return error


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    site: Site = app.state.site
    if site.settings.metrics is None:
        beside = [asyncio.create_task(sweep_for_ever(site.database, site.settings))]
    else:
        from unlatch.server.metrics.counting import count_swept, look_for_ever

        beside = [
            asyncio.create_task(sweep_for_ever(site.database, site.settings, on_swept=count_swept)),
            asyncio.create_task(look_for_ever(site.database)),
        ]
    try:
        yield
    finally:
        for task in beside:
            task.cancel()
        site.database.close()
