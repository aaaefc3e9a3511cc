"""Pages of ours: to look after passkeys, to confirm, to present a second factor. Override their templates."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.http import require_safe

from unlatch.adapters.django import asking


@require_safe
@never_cache
@xframe_options_deny
@login_required
def manage(request: HttpRequest) -> HttpResponse:
    """The passkeys of who is signed in."""
    return _page(request, "manage")


@require_safe
@never_cache
@xframe_options_deny
@login_required
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the passkey before something that matters (`passkey_required`)."""
    ask = asking.read(request.GET.get("ask", ""))
    return _home() if ask is None else _page(request, "confirm", ask=ask)


@login_not_required
@require_safe
@never_cache
@xframe_options_deny
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the passkey after the password (`PasskeySecondFactorMixin`)."""
    ask = asking.read(request.GET.get("ask", ""))
    sign_in = resolve_url(settings.LOGIN_URL)
    return redirect(sign_in) if ask is None else _page(request, "second_factor", ask=ask, sign_in=sign_in)


def _home() -> HttpResponse:
    return redirect(resolve_url(settings.LOGIN_REDIRECT_URL))


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    return render(request, f"unlatch/{name}.html", context)
