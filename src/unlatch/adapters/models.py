"""The JSON that the FastAPI door and the server share, as types: what is taken, strictly, and what is given."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

#: Longest text that is looked at at all; what a name may be is decided in `adapters.http.names`, with a sentence.
Text = Annotated[str, Field(max_length=1024)]


class Taken(BaseModel):
    """What is taken: exactly this, with the types as they are."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Finish(Taken):
    """What the browser made of the options."""

    # As long as it comes: a sealed ceremony is its own id, and the whole body has a limit.
    ceremony_id: str
    credential: dict[str, Any] = Field(description="RegistrationResponseJSON or AuthenticationResponseJSON")


class Rename(Taken):
    """A new name for a passkey."""

    name: Text


class Nothing(Taken):
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


class SignedIn(BaseModel):
    """Somebody is signed in."""

    user_id: str = Field(description="The user handle, base64url")


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


class ProblemModel(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable name of what went wrong")
    instance: str = Field(description="Names this request in the server's log")
