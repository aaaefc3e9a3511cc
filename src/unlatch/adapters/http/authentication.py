"""Signing in: with a passkey that tells whose it is, by name, or as the second factor after another; and out again."""

from __future__ import annotations

from dataclasses import replace

from unlatch import flows
from unlatch.adapters.http import log
from unlatch.adapters.http.codes import HttpCode, Rejected
from unlatch.adapters.http.exchange import Answer, SignedIn, SignedOut
from unlatch.adapters.http.passkey import passkey_id
from unlatch.adapters.http.session import Session
from unlatch.adapters.http.users import ask
from unlatch.adapters.http.visit import Visit, begun_answer, binding, json_answer
from unlatch.codes import Code
from unlatch.errors import CredentialRefused
from unlatch.flows import Flow
from unlatch.terms import CeremonyKind, UserVerification
from unlatch.wire import base64url
from unlatch.wire.options import UserEntity

#: What `factor` in a body may say.
SECOND = "second"


def begin(visit: Visit) -> Flow[Answer]:
    """Begin to sign in.

    Raises:
        Rejected: No first factor was passed, or names are not taken here.
    """
    fields = visit.fields("username", "mediation", "factor")
    mediation = visit.mediation(fields.get("mediation"))
    session = visit.request.session.bound()
    if "factor" in fields:
        begun = yield from flows.begin_authentication(
            visit.rp,
            _expected(visit, fields["factor"]),
            now=visit.now,
            session=binding(session, second_factor=True),
            # Possession is what a second factor adds; whoever can be verified is.
            user_verification=UserVerification.PREFERRED,
        )
        return begun_answer(begun, session)
    handle: bytes | None = None
    if "username" in fields:
        handle = yield from _named(visit, fields["username"])
    begun = yield from flows.begin_authentication(
        visit.rp,
        handle,
        now=visit.now,
        session=binding(session),
        mediation=mediation,
        decoys=visit.choices.decoys,
    )
    return begun_answer(begun, session)


def finish(visit: Visit) -> Flow[Answer]:
    """Verify the passkey and sign its owner in.

    Raises:
        Refused: The ceremony or the response is not acceptable.
        Malformed: The response is not well-formed.
    """
    ceremony_id, credential, fields = visit.finish_fields("factor")
    second_factor = "factor" in fields
    expected = _expected(visit, fields["factor"]) if second_factor else None
    authentication = yield from flows.finish_authentication(
        visit.rp,
        ceremony_id,
        credential,
        now=visit.now,
        session=binding(visit.request.session, second_factor=second_factor),
        other_factor=second_factor,
    )
    user: UserEntity | None = yield from visit.by_handle(authentication.user_handle)
    if user is None:
        raise _refused(Code.CREDENTIAL_UNKNOWN, authentication.record.id, "no account has this user handle")
    if expected not in (None, user.id):
        raise _refused(Code.CREDENTIAL_OF_ANOTHER_USER, user.id, "not who passed the first factor")
    event = SignedIn(
        user=user,
        credential_id=authentication.record.id,
        at=visit.now,
        verified=authentication.verified_as_factor,
        second_factor=second_factor,
    )
    # A fresh binding: what was begun before does not reach into the new session.
    used = passkey_id(authentication.record.id)
    session = Session(user=user.id, passkey=used, verified_at=visit.now if event.verified else None).bound()
    user_id = base64url.encode(user.id)
    log.event(
        "signed_in",
        user=user_id,
        passkey=used,
        sign_count=str(authentication.sign_count),
        backup_change=str(authentication.backup_change),
        second_factor=second_factor,
    )
    return replace(json_answer({"user_id": user_id}), session=session, event=event)


def current(visit: Visit) -> Flow[Answer]:
    """Who is signed in, or null."""
    user: UserEntity | None = yield from visit.user()
    shown = None if user is None else {"username": user.name, "display_name": user.display_name}
    return json_answer({"user": shown})


def sign_out(visit: Visit) -> Flow[Answer]:
    """Forget who was signed in. Doing it twice does no harm."""
    visit.fields()
    yield from ()
    return Answer(status=204, headers=(("cache-control", "no-store"),), session=Session(), event=SignedOut())


def _refused(code: Code, received: bytes, detail: str) -> CredentialRefused:
    return CredentialRefused(code, f"{CeremonyKind.AUTHENTICATION}.user", received=received, detail=detail)


def _expected(visit: Visit, factor: str) -> bytes:
    """Who is to present a passkey as second factor.

    Raises:
        Rejected: Nobody is.
    """
    handle = visit.request.session.expects(visit.now)
    if factor != SECOND or handle is None:
        raise Rejected(HttpCode.NOT_SIGNED_IN, "Please begin to sign in first.")
    return handle


def _named(visit: Visit, username: str) -> Flow[bytes | None]:
    """The handle behind a name; without an account a decoy's, or none."""
    by_name = visit.choices.users.by_name
    if by_name is None:
        raise Rejected(HttpCode.REQUEST_MALFORMED, "Names are not asked for here: the passkey tells whose it is.")
    user: UserEntity | None = yield from ask(lambda: by_name(username))
    decoys = visit.choices.decoys
    decoy = None if decoys is None else decoys.user_handle(visit.choices.users.key(username))
    return decoy if user is None else user.id
