"""People at the door of the project, and its settings changed for a moment."""

from __future__ import annotations

from typing import Any

import httpx
from django.conf import settings
from django.test import override_settings

from adapters.people import Person

ORIGIN = "https://example.org"
#: What a browser says that opens a page.
PAGE = {"sec-fetch-mode": "navigate"}
PASSWORD = "correct horse"


def person(application: Any) -> Person:
    return Person(httpx.Client(transport=httpx.WSGITransport(app=application), base_url=ORIGIN), ORIGIN)


def changed(**settings_of_ours: Any) -> Any:
    return override_settings(UNLATCH={**settings.UNLATCH, **settings_of_ours})


def with_password(members: Any, email: str, **fields: Any) -> Any:
    user = members(email=email, **fields)
    user.set_password(PASSWORD)
    user.save()
    return user


def give_password(person: Person, email: str, *, at: str = "/login") -> httpx.Response:
    """Send the form of a page that asks for a password."""
    person.http.cookies.set("csrftoken", "a" * 32, domain="example.org")
    form = {"username": email, "password": PASSWORD, "csrfmiddlewaretoken": "a" * 32}
    return person.http.post(at, data=form)
