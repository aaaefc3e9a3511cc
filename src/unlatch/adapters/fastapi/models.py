"""The JSON of the routes as types, beside those in `adapters.models`: for the OpenAPI document.

The bodies themselves are read by the neutral door, more strictly than a schema can say.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from unlatch.adapters.models import Finish, PasskeyModel, Taken, Text


class RegistrationStart(Taken):
    """Begin to make a passkey: with a username for a new account, without one for the account that is signed in."""

    username: Text | None = None
    display_name: Text | None = None
    mediation: Literal["conditional"] | None = Field(default=None, description="conditional: made silently")


class AuthenticationStart(Taken):
    """Begin to sign in."""

    username: Text | None = Field(default=None, description="Left out, the passkey tells whose it is")
    mediation: Literal["conditional"] | None = Field(default=None, description="conditional: offered by autofill")
    factor: Literal["second"] | None = Field(default=None, description="second: after another factor was passed")


class StepUpStart(Taken):
    """Begin to confirm something."""

    purpose: Annotated[str, Field(max_length=255)] | None = Field(default=None, description="What is confirmed")


class AuthenticationFinish(Finish):
    """What the browser made of the options of a sign-in."""

    factor: Literal["second"] | None = Field(default=None, description="As at the begin")


class StepUpFinish(Finish):
    """What the browser made of the options of a step-up."""

    purpose: Annotated[str, Field(max_length=255)] | None = Field(default=None, description="As at the begin")


class Confirmed(BaseModel):
    """Something was confirmed."""

    purpose: str


class SignalModel(BaseModel):
    """A call for the page to make: ``PublicKeyCredential[method](arguments)``."""

    method: str
    arguments: dict[str, Any]


class PasskeysModel(BaseModel):
    """The passkeys of the account, oldest first, and what the page may tell passkey managers."""

    passkeys: list[PasskeyModel]
    signals: list[SignalModel]
