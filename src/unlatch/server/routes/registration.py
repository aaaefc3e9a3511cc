"""Routes for making passkeys."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from unlatch.adapters.http.passkey import passkey_id as id_of
from unlatch.adapters.models import CeremonyOptions, Finish, Registered, UserModel
from unlatch.server import log
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.models import RegistrationStart
from unlatch.server.registering import begin_adding, begin_sign_up, finish_adding, finish_sign_up
from unlatch.server.site import site_of
from unlatch.server.strict_route import PROBLEMS, StrictRoute
from unlatch.wire import base64url

router = APIRouter(prefix="/v1/registration", tags=["registration"], route_class=StrictRoute, responses=PROBLEMS)


@router.post("/options", summary="Begin to make a passkey")
async def options(body: RegistrationStart, request: Request, response: Response) -> CeremonyOptions:
    """With a username: begin to make an account. Without one, signed in: begin to add a passkey to the account."""
    site = site_of(request)
    session = await site.session(request)
    if body.username is None:
        if session is None:
            raise Rejected(ServerCode.NOT_SIGNED_IN)
        begun = await site.begin(partial(begin_adding, site.desk(), session=session))
    elif session is not None:
        raise Rejected(ServerCode.ALREADY_SIGNED_IN)
    else:
        binding, token = site.visitor(request)
        if token is not None:
            site.visitor_cookie.set(response, token)
        begun = await site.begin(
            partial(begin_sign_up, site.desk(), username=body.username, display_name=body.display_name, binding=binding)
        )
    return CeremonyOptions(
        ceremony_id=begun.id, expires_in=site.settings.ceremony_seconds, options=begun.options.to_json()
    )


@router.post("/verify", status_code=201, summary="Finish making a passkey")
async def verify(body: Finish, request: Request, response: Response) -> Registered:
    """Make the account or add the passkey, whichever was begun. A new account is signed in."""
    site = site_of(request)
    session = await site.session(request)
    if session is None:
        user, registration, token = await site.database.write(
            partial(
                finish_sign_up,
                site.desk(),
                ceremony_id=body.ceremony_id,
                credential=body.credential,
                binding=site.returning_visitor(request),
            )
        )
        site.session_cookie.set(response, token)
    else:
        user = session.user
        registration = await site.database.write(
            partial(
                finish_adding,
                site.desk(),
                session=session,
                ceremony_id=body.ceremony_id,
                credential=body.credential,
            )
        )
    passkey_id = id_of(registration.record.id)
    log.event("passkey_made", user=base64url.encode(user.handle), passkey=passkey_id, new_account=session is None)
    return Registered(
        user=UserModel.model_validate(user, from_attributes=True), new_account=session is None, passkey_id=passkey_id
    )
