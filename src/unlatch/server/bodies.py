"""JSON bodies of the routes that do without the framework's: read once, strictly, and described all the same."""

from __future__ import annotations

import json
from typing import Any, Final, TypedDict, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.types import Receive, Scope, Send

from unlatch.server.codes import Rejected, ServerCode
from unlatch.wire import strict_json

M = TypeVar("M", bound=BaseModel)

#: Where in the scope of a request that may change something its whole body is.
BODY: Final = "unlatch.body"

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class Description(TypedDict):
    """What a route tells FastAPI for the OpenAPI document."""

    response_model: None
    openapi_extra: dict[str, Any]
    responses: dict[int | str, dict[str, Any]]


def described(takes: type[BaseModel], gives: type[BaseModel]) -> Description:
    """Describe a route that reads and writes its JSON itself."""
    schema = takes.model_json_schema()
    return {
        "response_model": None,
        "openapi_extra": {"requestBody": {"content": {"application/json": {"schema": schema}}, "required": True}},
        "responses": {200: {"model": gives, "description": "Successful Response"}},
    }


def taken(request: Request, model: type[M]) -> M:
    """Judge the body of a request.

    Raises:
        Malformed: Not JSON, or ambiguous.
        Rejected: Not what the model says.
    """
    value = strict_json.parse_object(request.scope[BODY], "")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Rejected(ServerCode.REQUEST_MALFORMED, sentence(error.errors()[0])) from error


def sentence(error: Any, *, within: int = 0) -> str:
    """Where a body is not what a model says, and why.

    Args:
        error: One of pydantic's errors.
        within: How many parts of the place are the framework's own.
    """
    place = ".".join(str(part) for part in error["loc"][within:])
    return f"{place or 'body'}: {error['msg']}"


class JsonAnswer:
    """A response with JSON: an ASGI application, of a framework's response only what is needed here.

    Attributes:
        raw_headers: Its fields; more may be added.
    """

    def __init__(self, value: dict[str, Any]) -> None:
        self._body = _encode(value).encode()
        self.raw_headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(self._body)),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - how ASGI calls it
        """Send it."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self._body})
