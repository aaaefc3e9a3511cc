"""One request on its way through a door: what it says, who sends it, and what may be done."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from unlatch.adapters.http.codes import HttpCode, Rejected
from unlatch.adapters.http.exchange import Answer, Request
from unlatch.adapters.http.session import Session
from unlatch.adapters.http.users import Users, ask
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.decoys import Decoys
from unlatch.flows import Begun, Flow
from unlatch.terms import Mediation
from unlatch.wire import base64url, strict_json
from unlatch.wire.options import CreationOptions, RequestOptions, UserEntity

#: Longest text in a body, but for the credential; what a name may be is decided elsewhere, with a sentence.
MAX_TEXT = 1024

#: Seconds after a verification in which passkeys may be added and removed.
CONFIRM_WITHIN: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the host decides about a door.

    Attributes:
        rp: The relying party.
        users: Its users.
        decoys: Makes credentials up for names without an account, in sign-ins that name their user.
        confirm_within: To add or remove a passkey one must have been verified in these last seconds, unless no passkey
            of the account can do that. None asks for nothing.
        tell_unknown: Whether a refused sign-in with a passkey that nobody has says so, for the Signal API. It tells
            decoys from real ones, so not with `decoys`.
    """

    rp: RelyingParty
    users: Users
    decoys: Decoys | None = None
    confirm_within: int | None = CONFIRM_WITHIN
    tell_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, at its time."""

    choices: Choices
    request: Request
    now: datetime

    @property
    def rp(self) -> RelyingParty:
        """The relying party."""
        return self.choices.rp

    def fields(self, *allowed: str, needed: tuple[str, ...] = ()) -> dict[str, str]:
        """The members of the body, which are texts.

        Args:
            allowed: Names of members that may be left out, or null.
            needed: Names of members that must be there.

        Raises:
            Malformed: No JSON object, or a member that is needed is missing.
            Rejected: A member that nobody knows, is no text, or is too long.
        """
        return _texts(strict_json.parse_object(self.request.body, ""), allowed, needed)

    def finish_fields(self, *allowed: str) -> tuple[str, dict[str, Any], dict[str, str]]:
        """Ceremony id, credential and further members of a body that finishes a ceremony.

        Raises:
            Malformed: As `fields`.
            Rejected: As `fields`.
        """
        body = strict_json.parse_object(self.request.body, "")
        ceremony_id = strict_json.text_member(body, "ceremony_id", "")
        credential = strict_json.object_member(body, "credential", "")
        rest = {name: value for name, value in body.items() if name not in ("ceremony_id", "credential")}
        return ceremony_id, credential, _texts(rest, allowed, ())

    def user(self) -> Flow[UserEntity | None]:
        """Who is signed in."""
        if self.request.current_user is not None:
            found: UserEntity | None = yield from ask(self.request.current_user)
            return found
        handle = self.request.session.user
        if handle is None:
            return None
        return (yield from self.by_handle(handle))

    def by_handle(self, handle: bytes) -> Flow[UserEntity | None]:
        """The user with this handle."""
        found: UserEntity | None = yield from ask(lambda: self.choices.users.by_handle(handle))
        return found

    def signed_in(self) -> Flow[UserEntity]:
        """Who is signed in.

        Raises:
            Rejected: Nobody is.
        """
        user: UserEntity | None = yield from self.user()
        if user is None:
            raise Rejected(HttpCode.NOT_SIGNED_IN)
        return user

    def session_of(self, user: UserEntity) -> Session:
        """The session, as far as it speaks of this user; with a binding."""
        return self.request.session.of(user.id).bound()

    def mediation(self, text: str | None) -> Mediation | None:
        """The mediation that the page will ask for.

        Raises:
            Rejected: Another word than ``conditional``.
        """
        if text not in (None, "conditional"):
            raise Rejected(HttpCode.REQUEST_MALFORMED, "mediation is 'conditional' or left out.")
        return None if text is None else Mediation.CONDITIONAL


def binding(session: Session, user: UserEntity | None = None, *, second_factor: bool = False) -> str:
    """What a ceremony is bound to: this browser, who is signed in there, and what it is for.

    A ceremony for a second factor asks for less, so it must never pass for a sign-in by the passkey alone.
    """
    who = "" if user is None else base64url.encode(user.id)
    return f"{'second factor' if second_factor else 'passkey'}:{session.binding or ''}:{who}"


def begun_answer(begun: Begun[CreationOptions] | Begun[RequestOptions], session: Session) -> Answer:
    """The answer to a begin."""
    options = begun.options.to_json()
    body = {"ceremony_id": begun.id, "expires_in": options["timeout"] // 1000, "options": options}
    return replace(json_answer(body), session=session)


def json_answer(value: object, status: int = 200) -> Answer:
    """An answer with a JSON body that nobody keeps."""
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return Answer(status=status, body=json.dumps(value).encode(), headers=headers)


def _texts(body: dict[str, Any], allowed: tuple[str, ...], needed: tuple[str, ...]) -> dict[str, str]:
    found = {name: strict_json.text_member(body, name, "") for name in needed}
    for name, value in body.items():
        if name not in allowed and name not in needed:
            raise Rejected(HttpCode.REQUEST_MALFORMED, "The request has a member that is not known here.")
        if value is None and name in allowed:
            continue
        # U+0000 is no character of a name, and PostgreSQL refuses a query with it: the host's search would break.
        if not isinstance(value, str) or len(value) > MAX_TEXT or "\0" in value:
            sentence = f"{name} is a text of at most {MAX_TEXT} characters, without U+0000."
            raise Rejected(HttpCode.REQUEST_MALFORMED, sentence)
        found[name] = value
    return found
