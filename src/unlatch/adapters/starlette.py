"""Passkeys for Starlette: routes, and a check for endpoints that need a recent verification.

```python
unlatch = Unlatch(rp, users=Users(...), credentials=..., ceremonies=...)
app = Starlette(routes=[*unlatch.routes(), ...], middleware=[Middleware(SessionMiddleware, secret_key=...)])
```

FastAPI has a door of its own, `unlatch.adapters.fastapi`, with the same object behind it.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route as HttpRoute

from unlatch.adapters.http import Answer, Door, HttpCode, Rejected, Request, Route, Session, SignedIn, SignedOut, Users
from unlatch.adapters.http.admission import expect_length, expect_size
from unlatch.adapters.http.door import module
from unlatch.adapters.http.session import KEY
from unlatch.adapters.http.users import Found
from unlatch.errors import Misconfigured
from unlatch.stores.requests import AsyncStores
from unlatch.wire.options import UserEntity

if TYPE_CHECKING:
    from unlatch.ceremonies.relying_party import RelyingParty
    from unlatch.decoys import Decoys
    from unlatch.stores.protocols import AsyncCeremonyStore, AsyncCredentialStore

#: The application's users: the same for all requests, or made for the database session of one.
UsersOf = Users | Callable[[Any], Users]
SignInHook = TypeVar("SignInHook", bound=Callable[[HTTPConnection, SignedIn], object])
SignOutHook = TypeVar("SignOutHook", bound=Callable[[HTTPConnection], object])

#: Where the routes are, unless told otherwise.
PREFIX = "/webauthn"


class Unlatch:
    """The door of one application.

    Sessions are those of `starlette.middleware.sessions.SessionMiddleware`, or of any middleware that gives requests a
    `session` that is a mapping.
    """

    def __init__(
        self,
        rp: RelyingParty,
        *,
        users: UsersOf,
        database: Callable[[], AbstractAsyncContextManager[Any]] | None = None,
        credentials: AsyncCredentialStore | None = None,
        ceremonies: AsyncCeremonyStore | None = None,
        decoys: Decoys | None = None,
        current_user: Callable[[HTTPConnection], Found] | None = None,
        prefix: str = PREFIX,
        confirm_within: int | None = 600,
        tell_unknown: bool = False,
        enroll: str | None = None,
        manage: str | None = None,
    ) -> None:
        """Set the door up.

        Args:
            rp: The relying party.
            users: The application's users; with `database`, a function from its session to them.
            database: SQLAlchemy's `async_sessionmaker`: passkeys and ceremonies are kept in the transaction of its
                session, which is committed after each request to the routes.
            credentials: Where records are kept, instead of `database`.
            ceremonies: Where ceremonies wait, instead of `database`.
            decoys: See `unlatch.decoys`.
            current_user: Who is signed in, by the application's own idea of it; left out, the door keeps that in the
                session by itself.
            prefix: Where the routes are.
            confirm_within: As `Door`.
            tell_unknown: As `Door`.
            enroll: As `Door`.
            manage: As `Door`.

        Raises:
            Misconfigured: No place to keep passkeys or ceremonies, or choices that contradict each other.
        """
        if database is None and (credentials is None or ceremonies is None):
            raise Misconfigured(
                "Unlatch needs a place to keep passkeys: a database session, or credentials=... and ceremonies=..."
            )
        self._users = users
        self._database = database
        self._credentials = credentials
        self._ceremonies = ceremonies
        self._current_user = current_user
        self.prefix = prefix
        self.door = Door(
            rp,
            users=users if isinstance(users, Users) else Users(by_handle=_nobody),
            decoys=decoys,
            confirm_within=confirm_within,
            tell_unknown=tell_unknown,
            enroll=enroll,
            manage=manage,
        )
        self._sign_in_hooks: list[Callable[[HTTPConnection, SignedIn], object]] = []
        self._sign_out_hooks: list[Callable[[HTTPConnection], object]] = []

    def routes(self) -> list[HttpRoute]:
        """The routes, for an application's list."""
        found = [
            HttpRoute(self.prefix + route.path, partial(self._endpoint, route), methods=[route.method])
            for route in Route
        ]
        return [*found, *self.open_routes()]

    def open_routes(self) -> list[HttpRoute]:
        """The routes of what anybody may fetch: the page's module, and documents below ``/.well-known``."""
        files = [HttpRoute(f"{self.prefix}/unlatch.js", _module)]
        for document in self.door.documents:
            serve = partial(_document, document.body, document.media_type)
            files.append(HttpRoute(document.path, serve))
        return files

    def refuse_with_problems(self, app: Starlette) -> None:
        """Let an application answer `Rejected`, as `expect_passkey` raises it, with a problem document."""
        app.add_exception_handler(Rejected, self._refuse)

    def on_sign_in(self, hook: SignInHook) -> SignInHook:
        """Decorate a function, plain or to be awaited, that is called with the request and its `SignedIn`.

        It may still turn the person away, by raising `Rejected` or an `HTTPException`: nobody is signed in then.
        """
        self._sign_in_hooks.append(hook)
        return hook

    def on_sign_out(self, hook: SignOutHook) -> SignOutHook:
        """Decorate a function, plain or to be awaited, that is called when somebody signs out by the route."""
        self._sign_out_hooks.append(hook)
        return hook

    async def current_user(self, request: HTTPConnection, database: Any = None) -> UserEntity | None:
        """Who is signed in.

        Args:
            request: The request.
            database: The database session, where `users` is a function of it and one is open already.
        """
        if self._current_user is not None:
            return await _found(self._current_user(request))
        handle = kept(request).user
        if handle is None:
            return None
        if database is None and self._database is not None:
            async with self._database() as opened:
                return await _found(self._users_of(opened).by_handle(handle))
        return await _found(self._users_of(database).by_handle(handle))

    async def expect_passkey(
        self, request: HTTPConnection, *, max_age: int = 600, purpose: str | None = None, database: Any = None
    ) -> UserEntity:
        """Let through whoever was verified by a passkey recently.

        Args:
            request: The request.
            max_age: Seconds that count as recent.
            purpose: What must have been confirmed by a step-up; None where the sign-in itself will do.
            database: As in `current_user`.

        Returns:
            Who that is.

        Raises:
            Rejected: Nobody is signed in, or a confirmation is needed first.
        """
        user = await self.current_user(request, database)
        return self.door.expect_confirmed(kept(request), user, max_age=max_age, purpose=purpose)

    def after_first_factor(self, request: HTTPConnection, user: UserEntity) -> None:
        """Note that somebody has given the right password and is to present a passkey now.

        The page then signs in with ``secondFactor: true``; `on_sign_in` says when that is done. Until then nobody is
        signed in.
        """
        keep(request, self.door.after_first_factor(kept(request), user))

    def forget(self, request: HTTPConnection) -> None:
        """Forget what the session says of passkeys: call it where the application signs people out by itself."""
        keep(request, Session())

    async def respond(self, request: HttpRequest, route: Route, database: Any = None) -> Response:
        """Answer a request.

        Args:
            request: The request.
            route: Which route it came to.
            database: The database session of this request, if passkeys are kept there.
        """
        try:
            answer = await self._answer(request, route, database)
        except HTTPException:  # raised by a hook: that is the application's answer
            if database is not None:
                await database.rollback()
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke around the door is answered as what breaks inside
            if database is not None:
                await database.rollback()
            answer = self.door.problem(error, where=_where(request))
        return _response(answer)

    async def _endpoint(self, route: Route, request: HttpRequest) -> Response:
        if self._database is None:
            return await self.respond(request, route)
        async with self._database() as database:
            return await self.respond(request, route, database)

    async def _answer(self, request: HttpRequest, route: Route, database: Any) -> Answer:
        headers = request.headers
        asked = Request(
            route=route,
            body=await _body(request),
            content_type=headers.get("content-type"),
            origin=headers.get("origin"),
            fetch_site=headers.get("sec-fetch-site"),
            passkey_id=request.path_params.get("passkey_id", ""),
            confirm_last=request.query_params.get("confirm_last") == "true",
            session=kept(request),
            current_user=None if self._current_user is None else partial(self._current_user, request),
        )
        answer = await self.door.answer_async(asked, await self._stores(database), users=self._users_of(database))
        try:
            await self._tell(request, answer)
            if database is not None:
                await (database.commit() if answer.is_final else database.rollback())
        except BaseException:
            # Somebody whose sign-in was not kept is not signed in.
            _session(request).clear()
            raise
        if answer.session is not None:
            keep(request, answer.session)
        return answer

    async def _tell(self, request: HttpRequest, answer: Answer) -> None:
        """Let the application act on what happened."""
        if isinstance(answer.event, SignedIn):
            for hook in self._sign_in_hooks:
                await _awaited(hook(request, answer.event))
        elif isinstance(answer.event, SignedOut):
            for leave in self._sign_out_hooks:
                await _awaited(leave(request))

    async def _stores(self, database: Any) -> AsyncStores:
        credentials, ceremonies = self._credentials, self._ceremonies
        if credentials is None or ceremonies is None:
            from unlatch.stores.sqlalchemy import AsyncSqlCeremonies, AsyncSqlCredentials

            connection = await database.connection()
            credentials = credentials or AsyncSqlCredentials(connection)
            ceremonies = ceremonies or AsyncSqlCeremonies(connection)
        return AsyncStores(credentials, ceremonies)

    def _users_of(self, database: Any) -> Users:
        if isinstance(self._users, Users):
            return self._users
        if database is None:
            raise Misconfigured("The users are a function of the database session: pass the session of this request.")
        return self._users(database)

    async def _refuse(self, request: HttpRequest, error: Exception) -> Response:
        return _response(self.door.problem(error, where=_where(request)))


def kept(request: HTTPConnection) -> Session:
    """What the door keeps in the session of a request."""
    return Session.from_json(_session(request).get(KEY))


def keep(request: HTTPConnection, session: Session) -> None:
    """Keep it there from now on."""
    written = session.to_json()
    if written:
        _session(request)[KEY] = written
    else:
        _session(request).pop(KEY, None)


def _session(request: HTTPConnection) -> Any:
    if "session" not in request.scope:
        raise Misconfigured("Requests have no session: add SessionMiddleware to the application.")
    return request.session


async def _body(request: HttpRequest) -> bytes:
    expect_length(request.headers.get("content-length"))
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            expect_size(size)
            chunks.append(chunk)
    except ClientDisconnect as error:  # nobody reads the answer, but the log is not to call it a fault of ours
        raise Rejected(HttpCode.REQUEST_MALFORMED) from error
    return b"".join(chunks)


async def _awaited(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer


async def _found(answer: Found) -> UserEntity | None:
    return await answer if inspect.isawaitable(answer) else answer


def _nobody(handle: bytes) -> Awaitable[UserEntity | None]:  # noqa: ARG001 - never called: each request has its users
    raise Misconfigured("no users")


async def _module(request: HttpRequest) -> Response:
    body = module()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    fields = {"cache-control": "no-cache", "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=fields)
    return Response(body, headers=fields, media_type="text/javascript")


async def _document(body: bytes, media_type: str, request: HttpRequest) -> Response:  # noqa: ARG001 - an endpoint
    return Response(body, media_type=media_type)


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers))


def _where(request: HTTPConnection) -> str:
    return f"{request.scope['method']} {request.scope['path']}"
