"""Routes for signing in: what a server is asked most.

They take the request as it is and give the answer as bytes. The framework's routing, validation and serialisation
together took longer than the signature; here they only describe the two (`unlatch.server.front` calls them directly).
"""

from __future__ import annotations

import asyncio
from functools import partial

from fastapi import APIRouter, Request

from unlatch.adapters.http.passkey import passkey_id
from unlatch.adapters.models import CeremonyOptions, Finish, SignedIn
from unlatch.server import log
from unlatch.server.bodies import JsonAnswer, described, taken
from unlatch.server.models import AuthenticationStart
from unlatch.server.signing_in import SignIn, begin_sign_in
from unlatch.server.site import site_of
from unlatch.server.strict_route import PROBLEMS
from unlatch.terms import Mediation
from unlatch.wire import base64url
from unlatch.wire.strict_json import Judged

router = APIRouter(prefix="/v1/authentication", tags=["authentication"], responses=PROBLEMS)


@router.post("/options", summary="Begin to sign in", **described(AuthenticationStart, CeremonyOptions))
async def options(request: Request) -> JsonAnswer:
    """The options name no account: the passkey tells whose it is."""
    site = site_of(request)
    body = taken(request, AuthenticationStart)
    mediation = None if body.mediation is None else Mediation(body.mediation)
    binding, token = site.visitor(request)
    begin = partial(begin_sign_in, site.desk(), mediation=mediation, binding=binding)
    put = site.keeping.put
    if put is None:
        begun = await site.begin(lambda connection: begin(site.keeping.within(connection).put))
    elif site.keeping.put_waits:
        begun = await asyncio.to_thread(begin, put)
    else:
        begun = begin(put)
    response = JsonAnswer(
        {"ceremony_id": begun.id, "expires_in": site.settings.ceremony_seconds, "options": begun.options.to_json()}
    )
    if token is not None:
        site.visitor_cookie.set(response, token)
    return response


@router.post("/verify", summary="Finish signing in", **described(Finish, SignedIn))
async def verify(request: Request) -> JsonAnswer:
    """Verify the passkey and open a session."""
    site = site_of(request)
    body = taken(request, Finish)
    sign_in = SignIn(
        site.desk(),
        ceremony_id=body.ceremony_id,
        credential=Judged(body.credential),
        binding=site.returning_visitor(request),
        former_token=site.session_cookie.read(request),
    )
    authentication, token = await site.database.write(sign_in.within, before=sign_in.before)
    user_id = base64url.encode(authentication.user_handle)
    response = JsonAnswer({"user_id": user_id})
    site.session_cookie.set(response, token)
    log.event(
        "signed_in",
        user=user_id,
        passkey=passkey_id(authentication.record.id),
        sign_count=str(authentication.sign_count),
        backup_change=str(authentication.backup_change),
    )
    return response
