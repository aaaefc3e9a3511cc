"""The JSON of the routes as types: what is taken and what is given, for the OpenAPI document.

The bodies themselves are read by the neutral door, more strictly than a schema can say.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_Text = Annotated[str, Field(max_length=1024)]


class _Taken(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class RegistrationStart(_Taken):
    """Begin to make a passkey: with a username for a new account, without one for the account that is signed in."""

    username: _Text | None = None
    display_name: _Text | None = None
    mediation: Literal["conditional"] | None = Field(default=None, description="conditional: made silently")


class AuthenticationStart(_Taken):
    """Begin to sign in."""

    username: _Text | None = Field(default=None, description="Left out, the passkey tells whose it is")
    mediation: Literal["conditional"] | None = Field(default=None, description="conditional: offered by autofill")
    factor: Literal["second"] | None = Field(default=None, description="second: after another factor was passed")


class StepUpStart(_Taken):
    """Begin to confirm something."""

    purpose: Annotated[str, Field(max_length=255)] | None = Field(default=None, description="What is confirmed")


class Finish(_Taken):
    """What the browser made of the options."""

    ceremony_id: str
    credential: dict[str, Any] = Field(description="RegistrationResponseJSON or AuthenticationResponseJSON")


class AuthenticationFinish(Finish):
    """What the browser made of the options of a sign-in."""

    factor: Literal["second"] | None = Field(default=None, description="As at the begin")


class StepUpFinish(Finish):
    """What the browser made of the options of a step-up."""

    purpose: Annotated[str, Field(max_length=255)] | None = Field(default=None, description="As at the begin")


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


class SessionModel(BaseModel):
    """Who is signed in."""

    user: UserModel | None


class Registered(BaseModel):
    """A passkey was made."""

    user: UserModel
    new_account: bool
    passkey_id: str


class SignedInModel(BaseModel):
    """Somebody is signed in."""

    user_id: str = Field(description="The user handle, base64url")


class Confirmed(BaseModel):
    """Something was confirmed."""

    purpose: str


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


class SignalModel(BaseModel):
    """A call for the page to make: ``PublicKeyCredential[method](arguments)``."""

    method: str
    arguments: dict[str, Any]


class PasskeysModel(BaseModel):
    """The passkeys of the account, oldest first, and what the page may tell passkey managers."""

    passkeys: list[PasskeyModel]
    signals: list[SignalModel]


class ProblemModel(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable name of what went wrong")
    instance: str = Field(description="Names this request in the server's log")
