"""The pages."""

from __future__ import annotations

from functools import cache, partial

from fastapi import APIRouter, Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from unlatch.adapters.http.names import MAX_LENGTH
from unlatch.adapters.http.problems import Problem
from unlatch.server.managing import list_passkeys
from unlatch.server.models import PasskeysModel
from unlatch.server.site import site_of

router = APIRouter(include_in_schema=False)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("unlatch.server"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def page(name: str, request: Request, *, status: int = 200, **values: object) -> HTMLResponse:
    """Render a template."""
    site = site_of(request)
    values = {"site_name": site.settings.rp_name, "max_length": MAX_LENGTH, "user": None, **values}
    return HTMLResponse(_templates().get_template(name).render(values), status_code=status)


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """The page that tells a person of a problem."""
    return page("error.html", request, status=problem.status, problem=problem)


def _elsewhere(request: Request) -> Response | None:
    """The way to the address where passkeys work: browsers refuse them on 127.0.0.1, where people often arrive."""
    origin = site_of(request).settings.origins[0]
    _, is_localhost, port = origin.partition("http://localhost:")
    if not is_localhost or request.headers.get("host") not in (f"127.0.0.1:{port}", f"[::1]:{port}"):
        return None
    return RedirectResponse(f"{origin}{request.scope['path']}", 307)


@router.api_route("/", methods=["GET", "HEAD"])
@router.api_route("/signin", methods=["GET", "HEAD"])
async def sign_in(request: Request) -> Response:
    """Sign in; people who are signed in already go on to their account."""
    if (elsewhere := _elsewhere(request)) is not None:
        return elsewhere
    if await site_of(request).session(request) is not None:
        return RedirectResponse("/account", 303)
    return page("signin.html", request)


@router.api_route("/signup", methods=["GET", "HEAD"])
async def sign_up(request: Request) -> Response:
    """Make an account."""
    if (elsewhere := _elsewhere(request)) is not None:
        return elsewhere
    if await site_of(request).session(request) is not None:
        return RedirectResponse("/account", 303)
    return page("signup.html", request)


@router.api_route("/account", methods=["GET", "HEAD"])
async def account(request: Request) -> Response:
    """The account's passkeys."""
    if (elsewhere := _elsewhere(request)) is not None:
        return elsewhere
    site = site_of(request)
    session = await site.session(request)
    if session is None:
        return RedirectResponse("/signin", 303)
    records = await site.database.read(partial(list_passkeys, session=session))
    data = PasskeysModel.of(records, session, rp_id=site.rp.id).model_dump(mode="json")
    return page("account.html", request, user=session.user, data=data)
