"""Making a passkey: the first of a new account, or one more for somebody who is signed in."""

from __future__ import annotations

from dataclasses import replace

from unlatch import flows
from unlatch.adapters.http import log
from unlatch.adapters.http.codes import HttpCode, Rejected
from unlatch.adapters.http.confirming import expect_confirmed
from unlatch.adapters.http.exchange import Answer, SignedIn
from unlatch.adapters.http.names import clean_display_name, clean_username
from unlatch.adapters.http.passkey import passkey_id
from unlatch.adapters.http.session import Session
from unlatch.adapters.http.users import ask, new_user_handle
from unlatch.adapters.http.visit import Visit, begun_answer, binding, json_answer
from unlatch.ceremonies.registration import Registration
from unlatch.errors import UnlatchError
from unlatch.flows import Flow
from unlatch.stores.requests import RemoveCredential, Request
from unlatch.terms import Mediation, UserVerification
from unlatch.wire import base64url
from unlatch.wire.options import UserEntity


def begin(visit: Visit) -> Flow[Answer]:
    """Begin: with a username for a new account, without one for the account that is signed in.

    Raises:
        Rejected: Not signed in and no name; a name that cannot be used or is taken; or a confirmation is needed first.
    """
    fields = visit.fields("username", "display_name", "mediation")
    mediation = visit.mediation(fields.get("mediation"))
    user: UserEntity | None = yield from visit.user()
    if user is None:
        if "username" not in fields or mediation is not None:
            raise Rejected(HttpCode.NOT_SIGNED_IN)
        new_user = yield from _propose(visit, fields["username"], fields.get("display_name"))
        session = visit.request.session.bound()
        begun = yield from flows.begin_registration(visit.rp, new_user, session=binding(session), now=visit.now)
        return begun_answer(begun, session)
    if "username" in fields:
        raise Rejected(HttpCode.ALREADY_SIGNED_IN)
    session = visit.session_of(user)
    yield from expect_confirmed(visit, user)
    begun = yield from flows.begin_registration(
        visit.rp,
        user,
        session=binding(session, user),
        now=visit.now,
        mediation=mediation,
        # What a browser makes silently cannot verify anybody.
        user_verification=UserVerification.PREFERRED if mediation is Mediation.CONDITIONAL else None,
    )
    return begun_answer(begun, session)


def finish(visit: Visit) -> Flow[Answer]:
    """Keep the passkey; where it is the first of a new account, make the account and sign in.

    Raises:
        Refused: The ceremony or the response is not acceptable, or the passkey is registered already.
        Malformed: The response is not well-formed.
        Rejected: The name was taken in the meantime.
    """
    ceremony_id, credential, _ = visit.finish_fields()
    user: UserEntity | None = yield from visit.user()
    session = visit.request.session if user is None else visit.session_of(user)
    registration = yield from flows.finish_registration(
        visit.rp, ceremony_id, credential, now=visit.now, session=binding(session, user)
    )
    event = None
    if user is None:
        yield from _create(visit, registration)
        event = SignedIn(
            user=registration.user,
            credential_id=registration.record.id,
            at=visit.now,
            verified=registration.record.uv_initialized,
            new_account=True,
        )
        session = Session(
            user=registration.user.id,
            passkey=passkey_id(registration.record.id),
            verified_at=visit.now if event.verified else None,
        ).bound()
    who = registration.user
    made = passkey_id(registration.record.id)
    log.event("passkey_made", user=base64url.encode(who.id), passkey=made, new_account=event is not None)
    body = {
        "user": {"username": who.name, "display_name": who.display_name},
        "new_account": event is not None,
        "passkey_id": made,
    }
    return replace(json_answer(body, 201), session=session, event=event)


def _propose(visit: Visit, username: str, display_name: str | None) -> Flow[UserEntity]:
    """An account that could be made; nothing is written before its passkey is verified."""
    users = visit.choices.users
    by_name = users.by_name
    if users.create is None or by_name is None:
        raise Rejected(HttpCode.SIGN_UP_CLOSED)
    name = clean_username(username)
    shown = clean_display_name(display_name, username=name)
    if (yield from ask(lambda: by_name(name))) is not None:
        raise Rejected(HttpCode.USERNAME_TAKEN)
    return UserEntity(new_user_handle(), name, shown)


def _create(visit: Visit, registration: Registration) -> Flow[None]:
    """Make the account of a passkey that was just kept. No account, no passkey: without the one the other goes."""
    create = visit.choices.users.create
    try:
        if create is None:
            raise Rejected(HttpCode.SIGN_UP_CLOSED)
        yield from ask(lambda: create(registration.user))
    except UnlatchError:
        removal: Request[bool] = RemoveCredential(registration.user.id, registration.record.id)
        yield removal
        raise
