"""Routes for the session."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from unlatch.adapters.models import Nothing, SessionModel, UserModel
from unlatch.server.sessions import close_session
from unlatch.server.site import site_of
from unlatch.server.strict_route import PROBLEMS, StrictRoute

router = APIRouter(prefix="/v1/session", tags=["session"], route_class=StrictRoute, responses=PROBLEMS)


@router.get("", summary="Who is signed in")
async def current(request: Request) -> SessionModel:
    """The account that is signed in, or null."""
    session = await site_of(request).session(request)
    return SessionModel(user=None if session is None else UserModel.model_validate(session.user, from_attributes=True))


@router.post("/logout", status_code=204, summary="Sign out")
async def logout(
    body: Nothing,  # noqa: ARG001 - declares that JSON is taken; there is nothing in it
    request: Request,
    response: Response,
) -> None:
    """End the session, here and in the database. Doing it twice does no harm."""
    site = site_of(request)
    token = site.session_cookie.read(request)
    if token is not None:
        await site.database.write(partial(close_session, token=token))
    site.session_cookie.clear(response)
