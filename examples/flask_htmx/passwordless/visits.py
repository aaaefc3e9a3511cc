"""Who is signed in, since when and by what; and who was here before."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, redirect, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from passwordless.models import User, by_uid

#: Seconds after a sign-in in which passkeys may be added and removed.
RECENT = 600
REMEMBERED = "user_uid"
REMEMBERED_FOR = 30 * 24 * 3600


def browser() -> str:
    """Random text that this browser alone has: a ceremony is finished where it was begun."""
    return session.setdefault("browser", secrets.token_urlsafe(24))


def user() -> User | None:
    found = by_uid(session.get("uid"))
    return found if found is not None and found.epoch == session.get("epoch") else None


def is_recent() -> bool:
    return time.time() - session.get("signed_in_at", 0) < RECENT


def enter(user: User, *, used_webauthn: bool) -> None:
    """Sign somebody in, with a new session."""
    kept = browser()
    session.clear()
    session.update(browser=kept, uid=user.uid, epoch=user.epoch, signed_in_at=time.time(), used_webauthn=used_webauthn)


def leave() -> None:
    session.clear()


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a view for people who are signed in; others are sent to the sign-in page, and come back after it."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if user() is None:
            page = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("credentials.login", next=page))
        return view(*args, **kwargs)

    return guarded


def remember(response: Response, user: User) -> Response:
    """Spare this browser the user name for thirty days. Signed: nobody makes one for somebody else."""
    response.set_cookie(
        REMEMBERED,
        _signer().dumps(user.uid),
        max_age=REMEMBERED_FOR,
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )
    return response


def remembered() -> User | None:
    try:
        return by_uid(_signer().loads(request.cookies.get(REMEMBERED, "")))
    except BadSignature:
        return None


def own_path(target: str | None) -> str:
    """Where to go next: a path of this site, whatever the address bar says."""
    parts = urlsplit(target or "")
    is_own = parts.path.startswith("/") and not parts.scheme and not parts.netloc
    if not target or not is_own or target.startswith("//") or "\\" in target or not target.isprintable():
        return url_for("accounts.profile")
    return target


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="remembered user")
