"""Who is signed in, since when and by what; and who was here before."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from flask import Response, current_app, redirect, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import update

from passwordless.models import User, by_uid, db

#: Seconds after a sign-in in which passkeys may be added and removed.
RECENT = 600
#: Seconds until somebody has to sign in again.
SESSION = 14 * 24 * 3600
REMEMBERED = "user_uid"
REMEMBERED_FOR = 30 * 24 * 3600


def browser() -> str:
    """Random text that this browser alone has: a ceremony is finished where it was begun."""
    return session.setdefault("browser", secrets.token_urlsafe(24))


def user() -> User | None:
    """Who is signed in. The cookie names a visit that is kept in Redis: a copy of it is worth nothing afterwards."""
    if not _redis().exists(_key(session.get("visit", ""))):
        return None
    found = by_uid(session.get("uid"))
    return found if found is not None and found.epoch == session.get("epoch") else None


def is_recent() -> bool:
    return time.time() - session.get("signed_in_at", 0) < RECENT


def enter(user: User, *, used_webauthn: bool) -> None:
    """Sign somebody in, with a new session; the one before ends."""
    kept = browser()
    leave()
    visit = secrets.token_urlsafe(32)
    _redis().set(_key(visit), "", ex=SESSION)
    session.update(browser=kept, visit=visit, uid=user.uid, epoch=user.epoch)
    session.update(signed_in_at=time.time(), used_webauthn=used_webauthn)


def leave() -> None:
    _redis().delete(_key(session.get("visit", "")))
    session.clear()


def end_elsewhere(user: User) -> bool:
    """End all sessions of somebody but this one, when the transaction is committed.

    The database decides, in one statement: of two requests at once, whichever comes second gets False, for what it has
    read of the account is out of date.
    """
    unchanged = update(User).where(User.id == user.id, User.epoch == session["epoch"])
    if db.session.execute(unchanged.values(epoch=User.epoch + 1)).rowcount == 0:
        return False
    session["epoch"] += 1
    return True


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
    # A second slash would begin a host; browsers read a backslash as a slash, and leave out tabs and line breaks.
    is_own = re.fullmatch(r"/(?!/)[^\\]*", target or "") and str(target).isprintable()
    return str(target) if is_own else url_for("accounts.profile")


def _redis() -> Any:
    return current_app.extensions["redis"]


def _key(visit: str) -> str:
    return f"passwordless:visit:{sha256(visit.encode()).hexdigest()}"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="remembered user")
