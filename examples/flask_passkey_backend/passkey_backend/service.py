"""The business: who may register what, and who signs in. No HTTP here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import BadRequest, Forbidden

from passkey_backend.dto import PasskeyVerifModel, UserEntity
from passkey_backend.entities import CredentialEntity, User, db
from passkey_backend.stores import Challenges, CredentialEntities, of_user
from unlatch import Authentication, AuthenticationResponse, Passkeys, Refused, Registration, RegistrationResponse
from unlatch import UserEntity as Account
from unlatch.wire import base64url
from unlatch.wire.client_data import CollectedClientData

#: One sentence for every sign-in that is refused: the difference would tell who is registered.
NOT_SIGNED_IN = "That passkey does not open anything here."
SIGN_IN_FIRST = "Sign in again first: whoever adds or removes a passkey has to be verified just now."
TAKEN = "That username or e-mail address is taken."


@dataclass(frozen=True, slots=True)
class Visitor:
    """What is known of who asks.

    Attributes:
        browser: Random text that this browser alone has; a ceremony is finished where it was begun.
        user_id: Who is signed in, or None.
        is_recent: Whether that person was verified a few minutes ago.
    """

    browser: str
    user_id: str | None
    is_recent: bool


class PasskeyService:
    """The two ceremonies and the passkeys of an account."""

    def __init__(self, rp: Any) -> None:
        self.passkeys = Passkeys(rp, credentials=CredentialEntities(rp.id), ceremonies=Challenges())

    def begin_registration(self, asked: UserEntity, visitor: Visitor) -> dict[str, Any]:
        """Options for a new account, or for one more passkey of the account that is signed in."""
        known = db.session.get(User, asked.user_id)
        if known is None:
            expect_free(asked)
            user_id, name, display_name = asked.user_id or secrets.token_urlsafe(24), asked.email, asked.username
        else:
            expect_owner(known.user_id, visitor)
            user_id, name, display_name = known.user_id, known.email, known.username
        account = Account(id=user_id.encode(), name=name, display_name=display_name)
        return self.passkeys.begin_registration(account, session=visitor.browser).options.to_json()

    def finish_registration(self, answer: PasskeyVerifModel, visitor: Visitor) -> Registration:
        """Keep a passkey, and the account if it is new: both or neither."""
        body = answer.credential_json()
        challenge = challenge_of(RegistrationResponse.from_json(body).client_data, answer)
        registration = self.passkeys.finish_registration(challenge, body, session=visitor.browser)
        user_id = registration.user.id.decode()
        expect_named(answer, user_id)
        # Somebody else may have taken the id since the begin: then this must not become a key to that account.
        if user_id == visitor.user_id:
            expect_owner(user_id, visitor)
        else:
            db.session.add(User(user_id=user_id, username=registration.user.display_name, email=registration.user.name))
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            raise BadRequest(TAKEN) from None
        return registration

    def begin_sign_in(self, visitor: Visitor) -> dict[str, Any]:
        """Options that name nobody: the passkey says whose it is."""
        return self.passkeys.begin_authentication(session=visitor.browser).options.to_json()

    def finish_sign_in(self, answer: PasskeyVerifModel, visitor: Visitor) -> Authentication:
        """Verify a sign-in, and remember the counter and the backup state."""
        body = answer.credential_json()
        challenge = challenge_of(AuthenticationResponse.from_json(body).client_data, answer)
        try:
            authentication = self.passkeys.finish_authentication(challenge, body, session=visitor.browser)
        except Refused:
            raise BadRequest(NOT_SIGNED_IN) from None
        expect_named(answer, authentication.user_handle.decode())
        db.session.commit()
        return authentication

    def remove(self, entity_id: str, visitor: Visitor) -> None:
        """Remove a passkey of the account that is signed in, but not the last one."""
        entity = db.session.get(CredentialEntity, entity_id)
        if entity is None or entity.user_id != visitor.user_id:
            raise BadRequest("You have no such passkey.")
        user_id = entity.user_id
        expect_owner(user_id, visitor)
        # A write that changes nothing holds the user's row until the commit, also in SQLite, which has no FOR UPDATE:
        # what is counted then stays so, and of two removals at once one finds the last passkey.
        db.session.execute(update(User).filter_by(user_id=user_id).values(user_id=user_id))
        kept = {each.id: each for each in of_user(user_id)}
        if len(kept) == 1:
            raise BadRequest("This is your last passkey: without it you could not sign in again.")
        if entity_id in kept:
            db.session.delete(kept[entity_id])
        db.session.commit()


def expect_free(asked: UserEntity) -> None:
    """Say early that a name is taken; the unique constraints decide."""
    wanted = db.select(User.user_id).where((User.username == asked.username) | (User.email == asked.email))
    if db.session.scalars(wanted).first() is not None:
        raise BadRequest(TAKEN)


def expect_owner(user_id: str, visitor: Visitor) -> None:
    if visitor.user_id != user_id or not visitor.is_recent:
        raise Forbidden(SIGN_IN_FIRST)


def expect_named(answer: PasskeyVerifModel, user_id: str) -> None:
    """The page may say whose answer it is; it is never believed, but it must not be wrong."""
    if answer.user_id not in ("", user_id):
        raise BadRequest("The answer is of another user than the page says.")


def challenge_of(client_data: CollectedClientData, answer: PasskeyVerifModel) -> str:
    """The challenge that was answered, by which the server finds the ceremony that it began.

    What the page sends as `expected_challenge` decides nothing: the server knows what it expects.
    """
    base64url.decode(client_data.challenge, "challenge")  # or raises `Malformed`: not every text may go to a database
    if answer.expected_challenge not in ("", client_data.challenge):
        raise BadRequest("expected_challenge is not the challenge that was answered.")
    return client_data.challenge
