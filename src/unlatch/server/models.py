"""The JSON of the HTTP interface, as types, beside those in `adapters.models`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from unlatch.adapters.http.passkey import as_seen
from unlatch.adapters.models import PasskeyModel, Taken, Text
from unlatch.record import CredentialRecord
from unlatch.server.sessions import Session
from unlatch.wire import base64url


def passkey_model(record: CredentialRecord, session: Session) -> PasskeyModel:
    """A passkey, as whoever uses a session sees it."""
    seen = as_seen(record, current=base64url.encode(session.credential_hash))
    return PasskeyModel.model_validate(seen, from_attributes=True)


class RegistrationStart(Taken):
    """Begin to make a passkey: with a username for a new account, without one to add to the account signed in."""

    username: Text | None = None
    display_name: Text | None = None


class AuthenticationStart(Taken):
    """Begin to sign in."""

    mediation: Literal["conditional"] | None = Field(
        default=None, description="conditional: the page offers passkeys by autofill"
    )


class Signals(BaseModel):
    """What the page may tell password managers (Signal API), so that they offer what exists and nothing else."""

    rp_id: str
    user_id: str
    name: str
    display_name: str
    credential_ids: list[str]


class PasskeysModel(BaseModel):
    """The passkeys of the account, oldest first."""

    passkeys: list[PasskeyModel]
    signals: Signals

    @classmethod
    def of(cls, records: list[CredentialRecord], session: Session, *, rp_id: str) -> PasskeysModel:
        """The list in JSON."""
        user = session.user
        signals = Signals(
            rp_id=rp_id,
            user_id=base64url.encode(user.handle),
            name=user.username,
            display_name=user.display_name,
            credential_ids=[base64url.encode(record.id) for record in records],
        )
        return cls(passkeys=[passkey_model(record, session) for record in records], signals=signals)
