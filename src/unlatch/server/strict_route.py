"""FastAPI routes whose JSON bodies are read by the library's strict reader: no duplicates, no half characters."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from unlatch.adapters.http.problems import MEDIA_TYPE
from unlatch.adapters.models import ProblemModel
from unlatch.wire import strict_json


class _StrictRequest(Request):
    async def json(self) -> dict[str, Any]:
        return strict_json.parse_object(await self.body(), "")


class StrictRoute(APIRoute):
    """A route with a `_StrictRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, around the stricter request."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return strictly


#: For the OpenAPI document: what every route of ours may answer instead.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": ProblemModel.model_json_schema()}},
    }
    for status, description in (("4XX", "Refused, with the reason"), ("5XX", "Not possible at the moment"))
}
