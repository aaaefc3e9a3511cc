"""Routes for signing in."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from unlatch.adapters.http.passkey import passkey_id
from unlatch.server import log
from unlatch.server.models import AuthenticationStart, CeremonyOptions, Finish, SignedIn
from unlatch.server.signing_in import begin_sign_in, finish_sign_in
from unlatch.server.site import site_of
from unlatch.server.strict_route import PROBLEMS, StrictRoute
from unlatch.terms import Mediation
from unlatch.wire import base64url

router = APIRouter(prefix="/v1/authentication", tags=["authentication"], route_class=StrictRoute, responses=PROBLEMS)


@router.post("/options", summary="Begin to sign in")
async def options(body: AuthenticationStart, request: Request, response: Response) -> CeremonyOptions:
    """The options name no account: the passkey tells whose it is."""
    site = site_of(request)
    mediation = None if body.mediation is None else Mediation(body.mediation)
    begin = partial(begin_sign_in, site.desk(), mediation=mediation, binding=site.visitor(request, response))
    if site.keeping.put_at_once is not None:
        begun = begin(site.keeping.put_at_once)
    else:
        begun = await site.begin(lambda connection: begin(site.keeping.within(connection).put))
    return CeremonyOptions(
        ceremony_id=begun.id, expires_in=site.settings.ceremony_seconds, options=begun.options.to_json()
    )


@router.post("/verify", summary="Finish signing in")
async def verify(body: Finish, request: Request, response: Response) -> SignedIn:
    """Verify the passkey and open a session."""
    site = site_of(request)
    authentication, token = await site.database.write(
        partial(
            finish_sign_in,
            site.desk(),
            ceremony_id=body.ceremony_id,
            credential=body.credential,
            binding=site.returning_visitor(request),
            former_token=site.session_cookie.read(request),
        )
    )
    site.session_cookie.set(response, token)
    user_id = base64url.encode(authentication.user_handle)
    log.event(
        "signed_in",
        user=user_id,
        passkey=passkey_id(authentication.record.id),
        sign_count=str(authentication.sign_count),
        backup_change=str(authentication.backup_change),
    )
    return SignedIn(user_id=user_id)
