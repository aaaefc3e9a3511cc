"""Routes for the passkeys that one has."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from unlatch.adapters.models import PasskeyModel, Rename
from unlatch.server import log
from unlatch.server.managing import list_passkeys, remove_passkey, rename_passkey
from unlatch.server.models import PasskeysModel, passkey_model
from unlatch.server.site import site_of
from unlatch.server.strict_route import PROBLEMS, StrictRoute
from unlatch.wire import base64url

router = APIRouter(prefix="/v1/passkeys", tags=["passkeys"], route_class=StrictRoute, responses=PROBLEMS)

PasskeyId = Annotated[str, Path(max_length=64, description="`id` of the passkey in the list")]


@router.get("", summary="List the passkeys of the account")
async def list_all(request: Request) -> PasskeysModel:
    """The passkeys, oldest first, and what the page may signal to password managers."""
    site = site_of(request)
    session = await site.signed_in(request)
    records = await site.database.read(partial(list_passkeys, session=session))
    return PasskeysModel.of(records, session, rp_id=site.rp.id)


@router.patch("/{passkey_id}", summary="Rename a passkey")
async def rename(passkey_id: PasskeyId, body: Rename, request: Request) -> PasskeyModel:
    """Rename it, and return it as it is now."""
    site = site_of(request)
    session = await site.signed_in(request)
    record = await site.database.write(partial(rename_passkey, session=session, passkey_id=passkey_id, name=body.name))
    return passkey_model(record, session)


@router.delete("/{passkey_id}", status_code=204, summary="Remove a passkey")
async def remove(passkey_id: PasskeyId, request: Request, confirm_last: Annotated[bool, Query()] = False) -> None:
    """Remove it and end the other sessions that it opened. The last one goes only with `confirm_last=true`."""
    site = site_of(request)
    session = await site.signed_in(request)
    await site.database.write(
        partial(remove_passkey, session=session, passkey_id=passkey_id, confirm_last=confirm_last, now=site.desk().now)
    )
    log.event("passkey_removed", user=base64url.encode(session.user.handle), passkey=passkey_id)
