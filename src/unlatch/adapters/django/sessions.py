"""What the door keeps in Django's session."""

from __future__ import annotations

from typing import Any

from unlatch.adapters.django.configuration import configuration
from unlatch.adapters.django.people import entity_of
from unlatch.adapters.http import Session
from unlatch.adapters.http.session import KEY
from unlatch.errors import Misconfigured


def kept(request: Any) -> Session:
    """What is kept in the session of a request."""
    return Session.from_json(_session(request).get(KEY))


def keep(request: Any, session: Session) -> None:
    """Keep it there from now on."""
    written = session.to_json()
    if written:
        _session(request)[KEY] = written
    else:
        _session(request).pop(KEY, None)


def after_first_factor(request: Any, user: Any) -> None:
    """Note that somebody has given the right password and is to present a passkey now.

    The page then signs in with ``secondFactor: true``. Until then nobody is signed in. The session gets another id: who
    planted the former one, and holds that person's key, has not passed the first factor.

    Args:
        request: The request.
        user: Who that is, a user of Django.

    Raises:
        Unavailable: The database did not answer.
    """
    _session(request).cycle_key()
    keep(request, configuration().door.after_first_factor(kept(request), entity_of(user)))


def _session(request: Any) -> Any:
    if not hasattr(request, "session"):
        raise Misconfigured("Requests have no session: add SessionMiddleware to MIDDLEWARE.")
    return request.session
