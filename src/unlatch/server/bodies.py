"""JSON bodies of the routes that do without the framework's: read once, strictly, and described all the same."""

from __future__ import annotations

import json
from typing import Any, TypedDict, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from unlatch.server.codes import Rejected, ServerCode
from unlatch.wire import strict_json

M = TypeVar("M", bound=BaseModel)


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


async def taken(request: Request, model: type[M]) -> M:
    """Read the body of a request.

    Raises:
        Malformed: Not JSON, or ambiguous.
        Rejected: Not what the model says.
    """
    value = strict_json.parse_object(await request.body(), "")
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


def answer(value: dict[str, Any]) -> Response:
    """A response with JSON."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return Response(body, media_type="application/json")
