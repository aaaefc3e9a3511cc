"""Passkeys for FastAPI: a router with typed routes, and dependencies for routes of your own.

```python
unlatch = Unlatch(rp, users=users_of, session=get_session)
unlatch.install(app)

@app.delete("/account", dependencies=[Depends(unlatch.passkey_required(max_age=60))])
```
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response

from unlatch.adapters.fastapi.description import DESCRIPTIONS, PROBLEMS
from unlatch.adapters.http import Route
from unlatch.adapters.http.visit import CONFIRM_WITHIN
from unlatch.adapters.starlette import PREFIX, UsersOf
from unlatch.adapters.starlette import Unlatch as StarletteUnlatch
from unlatch.wire.options import UserEntity

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from unlatch.adapters.http.users import Found
    from unlatch.ceremonies.relying_party import RelyingParty
    from unlatch.decoys import Decoys
    from unlatch.stores.protocols import AsyncCeremonyStore, AsyncCredentialStore

__all__ = ["Unlatch"]


class Unlatch(StarletteUnlatch):
    """The door of one FastAPI application."""

    def __init__(
        self,
        rp: RelyingParty,
        *,
        users: UsersOf,
        session: Callable[..., Any] | None = None,
        credentials: AsyncCredentialStore | None = None,
        ceremonies: AsyncCeremonyStore | None = None,
        decoys: Decoys | None = None,
        current_user: Callable[[HTTPConnection], Found] | None = None,
        prefix: str = PREFIX,
        confirm_within: int | None = CONFIRM_WITHIN,
        tell_unknown: bool = False,
        enroll: str | None = None,
        manage: str | None = None,
    ) -> None:
        """Set the door up; the arguments are those of `unlatch.adapters.starlette.Unlatch`, but for one.

        Args:
            rp: The relying party.
            users: The application's users; with `session`, a function from the session to them.
            session: The application's dependency that yields an `AsyncSession` of SQLAlchemy. Passkeys and ceremonies
                are kept in its transaction, which is committed after each request to the routes.
            credentials: Where records are kept, instead of `session`.
            ceremonies: Where ceremonies wait, instead of `session`.
            decoys: See `unlatch.decoys`.
            current_user: Who is signed in, by the application's own idea of it.
            prefix: Where the routes are.
            confirm_within: As `Door`.
            tell_unknown: As `Door`.
            enroll: As `Door`.
            manage: As `Door`.

        Raises:
            Misconfigured: No place to keep passkeys or ceremonies, or choices that contradict each other.
        """
        super().__init__(
            rp,
            users=users,
            database=session,
            credentials=credentials,
            ceremonies=ceremonies,
            decoys=decoys,
            current_user=current_user,
            prefix=prefix,
            confirm_within=confirm_within,
            tell_unknown=tell_unknown,
            enroll=enroll,
            manage=manage,
        )
        self._session: Callable[..., Any] = session or _no_session
        # FastAPI opens the session, as the dependency that it is.
        self._database = None

    def router(self) -> APIRouter:
        """The routes, described for the OpenAPI document."""
        router = APIRouter(tags=["passkeys"], responses=PROBLEMS)
        for route in Route:
            description = DESCRIPTIONS[route]
            router.add_api_route(
                self.prefix + route.path,
                self._route(route),
                methods=[route.method],
                name=route.name.lower(),
                summary=description.summary,
                status_code=description.status,
                response_model=description.gives,
                openapi_extra=description.extra(),
            )
        router.routes.extend(self.open_routes())
        return router

    def install(self, app: FastAPI) -> None:
        """Give an application the routes, and problem documents for what the dependencies refuse."""
        app.include_router(self.router())
        self.refuse_with_problems(app)

    def user(self) -> Callable[..., Awaitable[UserEntity | None]]:
        """A dependency: who is signed in, or None."""
        opened = Depends(self._session)

        async def signed_in(request: Request, session: Any = opened) -> UserEntity | None:
            return await self.current_user(request, session)

        return signed_in

    def passkey_required(
        self, *, max_age: int = 600, purpose: str | None = None
    ) -> Callable[..., Awaitable[UserEntity]]:
        """A dependency: somebody who was verified by a passkey recently; see `expect_passkey`.

        Args:
            max_age: Seconds that count as recent.
            purpose: What must have been confirmed by a step-up; None where the sign-in itself will do.
        """
        opened = Depends(self._session)

        async def verified(request: Request, session: Any = opened) -> UserEntity:
            return await self.expect_passkey(request, max_age=max_age, purpose=purpose, database=session)

        return verified

    def _route(self, route: Route) -> Callable[..., Awaitable[Response]]:
        opened = Depends(self._session)

        async def endpoint(request: Request, session: Any = opened) -> Response:
            return await self.respond(request, route, session)

        return endpoint


def _no_session() -> None:
    return None
