"""What travels: the models of the requests and the answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

#: One address and nothing else; its form only, nothing is sent to it.
EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]*[A-Za-z0-9]$"
#: Nothing that cannot be shown: PostgreSQL keeps no U+0000.
TEXT = r"^[^\x00-\x1f\x7f]*$"


class UserEntity(BaseModel):
    """Who registers."""

    user_id: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$", description="empty for a new account")
    username: str = Field(min_length=1, max_length=64, pattern=TEXT)
    email: str = Field(max_length=254, pattern=EMAIL)


class PKResponse(BaseModel):
    """The response of an authenticator, either ceremony's."""

    attestationObject: str = ""
    clientDataJSON: str = ""
    transports: list[str] = Field(default_factory=list)
    authenticatorData: str = ""
    signature: str = ""
    userHandle: str | None = ""


class PKCredential(BaseModel):
    """What `PublicKeyCredential.toJSON()` gives."""

    id: str = ""
    rawId: str = ""
    response: PKResponse
    type: str = ""
    clientExtensionResults: dict[str, Any]
    authenticatorAttachment: str | None = ""


class PasskeyVerifModel(BaseModel):
    """An answer to options. `user_id` and `expected_challenge` need not be sent; if they are, they must be right."""

    user_id: str = ""
    credential: PKCredential
    expected_challenge: str = ""

    def credential_json(self) -> dict[str, Any]:
        """The credential as the browser wrote it: a model's empty default is a member that was not there."""
        return self.credential.model_dump(exclude_defaults=True)


class RemovalModel(BaseModel):
    """Which passkey to remove."""

    id: str = Field(pattern=r"^[0-9a-f-]{36}$")


class Options(BaseModel):
    """Options of WebAuthn in their JSON form."""

    model_config = ConfigDict(extra="allow")

    challenge: str


class CredentialModel(BaseModel):
    """A passkey, as its owner may see it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    user_id: str
    credential_id: str
    sign_count: int
    credential_device_type: str
    credential_backed_up: bool
    transports: list[str]


class AccountModel(BaseModel):
    """Who is signed in; empty texts when nobody is."""

    user_id: str = ""
    username: str = ""
    email: str = ""
    credentials: list[CredentialModel] = Field(default_factory=list)


class VerifiedRegistration(BaseModel):
    """A new passkey."""

    user_id: str
    credential_id: str
    credential_public_key: str
    sign_count: int
    aaguid: str
    fmt: str
    user_verified: bool
    credential_device_type: str
    credential_backed_up: bool


class VerifiedAuthentication(BaseModel):
    """A sign-in."""

    user_id: str
    credential_id: str
    new_sign_count: int
    user_verified: bool
    credential_device_type: str
    credential_backed_up: bool


class ErrorModel(BaseModel):
    """What went wrong, as a sentence."""

    error: str
