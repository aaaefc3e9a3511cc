"""The routes: Django's request in, the door's answer out. Blocking, which Django runs in threads under ASGI."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import SESSION_KEY, authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import etag, require_safe

from unlatch.adapters.django.configuration import Configuration, configuration
from unlatch.adapters.django.events import signed_in
from unlatch.adapters.django.people import current_user
from unlatch.adapters.django.sessions import keep, kept
from unlatch.adapters.http import Answer, HttpCode, Rejected, Request, Route, SignedIn, SignedOut
from unlatch.adapters.http.admission import expect_length
from unlatch.well_known import Document
from unlatch.wire.strict_json import MAX_BYTES


# The door takes JSON from its own pages alone, which it checks by itself.
@login_not_required
@csrf_exempt
def endpoint(request: HttpRequest, *, routes: Mapping[str, Route], passkey_id: str = "") -> HttpResponse:
    """Answer a request.

    Args:
        request: The request.
        routes: HTTP method -> the route at this address.
        passkey_id: The segment of the path, where the route has one.
    """
    route = routes.get(request.method)
    if route is None:
        return HttpResponseNotAllowed(routes)
    configured = configuration()
    try:
        answer = _answer(configured, request, route, passkey_id)
    except Exception as error:  # noqa: BLE001 - whatever broke around the door is answered as what breaks inside
        answer = configured.door.problem(error, where=f"{request.method} {request.path}")
    return response_of(answer)


def response_of(answer: Answer) -> HttpResponse:
    """An answer of the door as Django's."""
    return HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))


def _answer(configured: Configuration, request: Any, route: Route, passkey_id: str) -> Answer:
    asked = Request(
        route=route,
        body=_body(request),
        content_type=request.headers.get("content-type"),
        origin=request.headers.get("origin"),
        fetch_site=request.headers.get("sec-fetch-site"),
        passkey_id=passkey_id,
        confirm_last=request.GET.get("confirm_last") == "true",
        session=kept(request),
        current_user=lambda: current_user(request),
    )
    answer: Answer | None = None
    try:
        with transaction.atomic(using=configured.using):
            answer = configured.door.answer(asked, configured.stores())
            _act(request, answer)
            if not answer.is_final:
                transaction.set_rollback(True, using=configured.using)
    except BaseException:
        # Somebody whose sign-in was not kept is not signed in.
        if answer is not None and isinstance(answer.event, SignedIn):
            logout(request)
        raise
    if answer.session is not None:
        keep(request, answer.session)
    return answer


def _body(request: HttpRequest) -> bytes:
    """What was sent, one byte beyond the limit at most."""
    expect_length(request.headers.get("content-length"))
    try:
        body: bytes = request.read(MAX_BYTES + 1)
    except UnreadablePostError as error:  # gone in the middle: nobody reads the answer, and it is no fault of ours
        raise Rejected(HttpCode.REQUEST_MALFORMED) from error
    return body


def _act(request: HttpRequest, answer: Answer) -> None:
    """Let Django, and then the application, act on what happened."""
    if isinstance(answer.event, SignedIn):
        user = authenticate(request, passkey=answer.event)
        if user is None:
            raise Rejected(HttpCode.NOT_VERIFIED)
        if SESSION_KEY in request.session:  # Django would keep the session's id where the same user signs in again
            request.session.cycle_key()
        try:
            login(request, user)
            signed_in.send(type(user), request=request, user=user, event=answer.event)
        except PermissionDenied as error:  # Django's way to turn somebody away
            raise Rejected(HttpCode.NOT_VERIFIED) from error
    elif isinstance(answer.event, SignedOut):
        logout(request)


@login_not_required
@require_safe
@cache_control(no_cache=True)
@etag(lambda _, body, **__: f'"{hashlib.sha256(body).hexdigest()[:32]}"')
def file(request: HttpRequest, *, body: bytes, media_type: str) -> HttpResponse:  # noqa: ARG001 - a view
    """Serve a file of ours; browsers ask each time whether it is still the same."""
    return HttpResponse(body, content_type=f"{media_type}; charset=utf-8")


@login_not_required
@require_safe
def document(request: HttpRequest, *, shown: Document) -> HttpResponse:  # noqa: ARG001 - a view
    """Serve a document below ``/.well-known``."""
    return HttpResponse(shown.body, content_type=shown.media_type)
