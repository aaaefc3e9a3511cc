"""What the OpenAPI document says of each route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from unlatch.adapters import models as shared
from unlatch.adapters.fastapi import models
from unlatch.adapters.http import Route
from unlatch.adapters.http.problems import MEDIA_TYPE


@dataclass(frozen=True, slots=True)
class Description:
    """One route.

    Attributes:
        summary: A line.
        takes: Model of the body, if there is one.
        gives: Model of the answer, if there is one.
        status: Status of the answer.
        parameters: Parameters of path and query, as OpenAPI writes them.
    """

    summary: str
    takes: type[BaseModel] | None = None
    gives: type[BaseModel] | None = None
    status: int = 200
    parameters: tuple[dict[str, Any], ...] = ()

    def extra(self) -> dict[str, Any]:
        """What FastAPI cannot see, because the door reads the request itself."""
        found: dict[str, Any] = {}
        if self.parameters:
            found["parameters"] = list(self.parameters)
        if self.takes is not None:
            schema = self.takes.model_json_schema()
            found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        return found


_PASSKEY_ID = {
    "name": "passkey_id",
    "in": "path",
    "required": True,
    "description": "`id` of the passkey in the list",
    "schema": {"type": "string", "maxLength": 64},
}
_CONFIRM_LAST = {
    "name": "confirm_last",
    "in": "query",
    "description": "Whether the last passkey may go",
    "schema": {"type": "boolean", "default": False},
}

DESCRIPTIONS: dict[Route, Description] = {
    Route.REGISTRATION_OPTIONS: Description(
        "Begin to make a passkey", takes=models.RegistrationStart, gives=shared.CeremonyOptions
    ),
    Route.REGISTRATION_VERIFY: Description(
        "Finish making a passkey", takes=shared.Finish, gives=shared.Registered, status=201
    ),
    Route.AUTHENTICATION_OPTIONS: Description(
        "Begin to sign in", takes=models.AuthenticationStart, gives=shared.CeremonyOptions
    ),
    Route.AUTHENTICATION_VERIFY: Description(
        "Finish signing in", takes=models.AuthenticationFinish, gives=shared.SignedIn
    ),
    Route.STEP_UP_OPTIONS: Description(
        "Begin to confirm something", takes=models.StepUpStart, gives=shared.CeremonyOptions
    ),
    Route.STEP_UP_VERIFY: Description("Finish confirming", takes=models.StepUpFinish, gives=models.Confirmed),
    Route.PASSKEYS: Description("List the passkeys of the account", gives=models.PasskeysModel),
    Route.RENAME: Description(
        "Rename a passkey", takes=shared.Rename, gives=shared.PasskeyModel, parameters=(_PASSKEY_ID,)
    ),
    Route.REMOVE: Description("Remove a passkey", status=204, parameters=(_PASSKEY_ID, _CONFIRM_LAST)),
    Route.CURRENT: Description("Who is signed in", gives=shared.SessionModel),
    Route.SIGN_OUT: Description("Sign out", takes=shared.Nothing, status=204),
}

#: What every route may answer instead.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": shared.ProblemModel.model_json_schema()}},
    }
    for status, description in (("4XX", "Refused, with the reason"), ("5XX", "Not possible at the moment"))
}
