"""The JSON of the HTTP interface, as types: what is taken, strictly, and what is given."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from unlatch.adapters.http.passkey import as_seen
from unlatch.record import CredentialRecord
from unlatch.server.accounts import User
from unlatch.server.sessions import Session
from unlatch.wire import base64url

#: Longest text that is looked at at all; what a name may be is decided in `names`, with a sentence.
_Text = Annotated[str, Field(max_length=1024)]


class _Taken(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class RegistrationStart(_Taken):
    """Begin to make a passkey: with a username for a new account, without one to add to the account signed in."""

    username: _Text | None = None
    display_name: _Text | None = None


class AuthenticationStart(_Taken):
    """Begin to sign in."""

    mediation: Literal["conditional"] | None = Field(
        default=None, description="conditional: the page offers passkeys by autofill"
    )


class Finish(_Taken):
    """What the browser made of the options."""

    # As long as it comes: a sealed ceremony is its own id, and the whole body has a limit.
    ceremony_id: str
    credential: dict[str, Any] = Field(description="RegistrationResponseJSON or AuthenticationResponseJSON")


class Rename(_Taken):
    """A new name for a passkey."""

    name: _Text


class Nothing(_Taken):
    """An empty object: the request itself says it all, but only JSON is taken."""


class CeremonyOptions(BaseModel):
    """Options for the browser."""

    ceremony_id: str = Field(description="To be sent back with the result; a secret of this page")
    expires_in: int = Field(description="Seconds until the ceremony ends")
    options: dict[str, Any] = Field(
        description="PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON"
    )


class UserModel(BaseModel):
    """An account."""

    username: str
    display_name: str

    @classmethod
    def of(cls, user: User) -> UserModel:
        """The account in JSON."""
        return cls(username=user.username, display_name=user.display_name)


class PasskeyModel(BaseModel):
    """A passkey of the account."""

    id: str = Field(description="Base64url of the SHA-256 of the credential id")
    name: str
    provider: str | None = Field(description="Who says to hold it; a label, not a proof")
    synced: bool = Field(description="Backed up when last seen")
    can_sync: bool | None
    transports: list[str]
    created_at: datetime | None
    last_used_at: datetime | None
    current: bool = Field(description="It opened this session")

    @classmethod
    def of(cls, record: CredentialRecord, session: Session) -> PasskeyModel:
        """The passkey in JSON."""
        seen = as_seen(record, current=base64url.encode(session.credential_hash))
        return cls(
            id=seen.id,
            name=seen.name,
            provider=seen.provider,
            synced=seen.synced,
            can_sync=seen.can_sync,
            transports=list(seen.transports),
            created_at=seen.created_at,
            last_used_at=seen.last_used_at,
            current=seen.current,
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
        return cls(passkeys=[PasskeyModel.of(record, session) for record in records], signals=signals)


class SessionModel(BaseModel):
    """Who is signed in."""

    user: UserModel | None


class Registered(BaseModel):
    """A passkey was made."""

    user: UserModel
    new_account: bool
    passkey_id: str


class SignedIn(BaseModel):
    """Somebody is signed in."""

    user_id: str = Field(description="The user handle, base64url")


class ProblemModel(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable name of what went wrong")
    instance: str = Field(description="Names this request in the server's log")
