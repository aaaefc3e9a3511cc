"""System checks: mistakes that would show as refused passkeys, or as sessions that do not end, said at the start."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends import signed_cookies
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution
from django.db import connections
from django.http.request import validate_host
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from unlatch.adapters.django.backends import PasskeyBackend
from unlatch.adapters.django.configuration import configuration
from unlatch.errors import Misconfigured

_SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
_USERS = "django.contrib.auth.middleware.AuthenticationMiddleware"


def check_relying_party(**_: Any) -> list[CheckMessage]:
    """The settings make a relying party, and its origins are hosts that Django answers to."""
    try:
        door = configuration().door
    except Misconfigured as error:
        return [Error(str(error), id="unlatch.E001")]
    allowed = settings.ALLOWED_HOSTS or (["localhost", "127.0.0.1", "[::1]", ".localhost"] if settings.DEBUG else [])
    found: list[CheckMessage] = []
    for origin in door.rp.expected_origins:
        host = urlsplit(origin).hostname
        if host is not None and not validate_host(host, allowed):
            hint = f"Add {host!r} to ALLOWED_HOSTS, or correct UNLATCH['ORIGINS']."
            found.append(Caution(f"Django answers no request for the origin {origin}.", hint=hint, id="unlatch.W001"))
    return found


def check_sessions(**_: Any) -> list[CheckMessage]:
    """Sessions are kept on the server: one in a cookie comes back after a sign-out, with all that was confirmed."""
    store = _loaded(f"{settings.SESSION_ENGINE}.SessionStore")
    if not (isinstance(store, type) and issubclass(store, signed_cookies.SessionStore)):
        return []
    hint = "Use another SESSION_ENGINE, for example 'django.contrib.sessions.backends.db' or '...cached_db'."
    text = "Sessions in signed cookies cannot be ended: who copied the cookie stays signed in, and stays confirmed."
    return [Error(text, hint=hint, id="unlatch.E002")]


def check_middleware(**_: Any) -> list[CheckMessage]:
    """Requests have a session and a user."""
    classes = [_loaded(path) for path in settings.MIDDLEWARE]
    places = {}
    found: list[CheckMessage] = []
    for needed in (_SESSIONS, _USERS):
        base = import_string(needed)
        places[needed] = [place for place, one in enumerate(classes) if isinstance(one, type) and issubclass(one, base)]
        if not places[needed]:
            found.append(Error(f"Passkeys need {needed}.", hint="Add it to MIDDLEWARE.", id="unlatch.E003"))
    if not found and places[_USERS][0] < places[_SESSIONS][0]:
        text = "AuthenticationMiddleware stands before SessionMiddleware, so nobody is ever signed in."
        found.append(Error(text, hint="Change their order in MIDDLEWARE.", id="unlatch.E004"))
    return found


def check_backend(**_: Any) -> list[CheckMessage]:
    """Who signs in with a passkey is still signed in with the next request."""
    found = (_loaded(path) for path in settings.AUTHENTICATION_BACKENDS)
    if any(isinstance(one, type) and issubclass(one, PasskeyBackend) for one in found):
        return []
    hint = "Add 'unlatch.adapters.django.backends.PasskeyBackend' to AUTHENTICATION_BACKENDS."
    return [Error("No authentication backend takes passkeys.", hint=hint, id="unlatch.E005")]


def check_sign_up(**_: Any) -> list[CheckMessage]:
    """The user model can be made of a name alone, where accounts are made with passkeys."""
    model: Any = get_user_model()
    given = getattr(settings, "UNLATCH", None)
    if not isinstance(given, dict) or given.get("SIGN_UP") is not True:
        return []
    named = (model.USERNAME_FIELD, "password")
    needed = [
        field.name
        for field in model._meta.concrete_fields  # noqa: SLF001 - public in Django
        if not (field.blank or field.primary_key or field.has_default() or field.has_db_default())
        if field.name not in named and not field.generated
    ]
    if not needed:
        return []
    text = f"UNLATCH['SIGN_UP'] is True, but a {model.__name__} needs more than a name: {', '.join(needed)}."
    hint = "Give SIGN_UP the dotted path of a function that makes the user, or these fields a default."
    return [Error(text, hint=hint, id="unlatch.E006")]


def check_routes(**_: Any) -> list[CheckMessage]:
    """The routes are included somewhere."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        reverse("unlatch:module")
    except NoReverseMatch:
        hint = "Add path('webauthn/', include('unlatch.adapters.django.urls')) to your urlpatterns."
        return [Caution("The routes of passkeys are nowhere.", hint=hint, id="unlatch.W002")]
    except Misconfigured:  # `check_relying_party` says so
        return []
    return []


def check_database(**_: Any) -> list[CheckMessage]:
    """SQLite takes the lock for writing when a transaction begins, so that none is refused in the middle."""
    try:
        using = configuration().using
    except Misconfigured:  # `check_relying_party` says so
        return []
    options = settings.DATABASES[using].get("OPTIONS", {})
    if connections[using].vendor != "sqlite" or str(options.get("transaction_mode")).upper() == "IMMEDIATE":
        return []
    hint = f"Set DATABASES[{using!r}]['OPTIONS'] = {{'transaction_mode': 'IMMEDIATE'}}."
    text = "Requests that come at once may fail with 'database is locked'."
    return [Caution(text, hint=hint, id="unlatch.W003")]


def _loaded(path: str) -> Any:
    """What a dotted path names; None when it cannot be loaded, which Django says by itself."""
    try:
        return import_string(path)
    except ImportError:
        return None


CHECKS = (
    check_relying_party,
    check_sessions,
    check_middleware,
    check_backend,
    check_sign_up,
    check_routes,
    check_database,
)
