"""Confirming: the person who is signed in presents a passkey once more, before something that matters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from unlatch import flows
from unlatch.adapters.http import log
from unlatch.adapters.http.codes import HttpCode, Rejected
from unlatch.adapters.http.exchange import Answer
from unlatch.adapters.http.visit import Visit, begun_answer, binding, json_answer
from unlatch.flows import Flow
from unlatch.record import CredentialRecord
from unlatch.stores.requests import Request, UserCredentials
from unlatch.wire import base64url
from unlatch.wire.options import UserEntity

#: The purpose of a step-up that names none: that the person is there.
PRESENCE = "presence"


def begin(visit: Visit) -> Flow[Answer]:
    """Begin to confirm a purpose.

    Raises:
        Rejected: Nobody is signed in, or no passkey of the account can confirm.
    """
    purpose = visit.fields("purpose").get("purpose") or PRESENCE
    user: UserEntity = yield from visit.signed_in()
    if not _can_confirm((yield from _records(visit, user))):
        raise Rejected(HttpCode.CANNOT_CONFIRM)
    session = visit.session_of(user)
    begun = yield from flows.begin_step_up(
        visit.rp, user, purpose=_checked(purpose), session=binding(session, user), now=visit.now
    )
    return begun_answer(begun, session)


def finish(visit: Visit) -> Flow[Answer]:
    """Note that the purpose was confirmed.

    Raises:
        Rejected: Nobody is signed in.
        Refused: The ceremony or the response is not acceptable.
        Malformed: The response is not well-formed.
    """
    ceremony_id, credential, fields = visit.finish_fields("purpose")
    purpose = fields.get("purpose") or PRESENCE
    user: UserEntity = yield from visit.signed_in()
    session = visit.session_of(user)
    yield from flows.finish_step_up(
        visit.rp,
        ceremony_id,
        credential,
        user=user,
        purpose=_checked(purpose),
        session=binding(session, user),
        now=visit.now,
    )
    log.event("confirmed", user=base64url.encode(user.id), purpose=purpose)
    return replace(json_answer({"purpose": purpose}), session=session.after_confirming(user.id, purpose, visit.now))


def expect_confirmed(visit: Visit, user: UserEntity) -> Flow[None]:
    """Ask for a recent verification before passkeys are added or removed.

    Whoever finds an open session must not be able to stay. An account whose passkeys cannot verify anybody (or that
    has none yet) cannot be asked.

    Raises:
        Rejected: A confirmation is needed first.
    """
    within = visit.choices.confirm_within
    if within is None or visit.session_of(user).is_confirmed(max_age=within, purpose=None, now=visit.now):
        return
    if _can_confirm((yield from _records(visit, user))):
        raise Rejected(HttpCode.CONFIRMATION_NEEDED)


def _records(visit: Visit, user: UserEntity) -> Flow[list[CredentialRecord]]:
    request: Request[list[CredentialRecord]] = UserCredentials(user.id)
    records: list[CredentialRecord] = yield request
    return [record for record in records if record.rp_id == visit.rp.id]


def _can_confirm(records: Iterable[CredentialRecord]) -> bool:
    return any(record.uv_initialized for record in records)


def _checked(purpose: str) -> str:
    if len(purpose) > 255:
        raise Rejected(HttpCode.REQUEST_MALFORMED, "purpose is a text of at most 255 characters.")
    return purpose
