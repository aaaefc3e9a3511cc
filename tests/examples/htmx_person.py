"""Somebody with cookies and an authenticator, at the pages of `examples/flask_htmx`."""

from __future__ import annotations

import html
import json
import re
from types import SimpleNamespace

import httpx

from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

ORIGIN = "http://localhost:5000"


class Person:
    """A browser with cookies and an authenticator."""

    def __init__(self, site, name, address):
        self.site = site
        self.http = httpx.Client(transport=httpx.WSGITransport(site.app, remote_addr=address), base_url=ORIGIN)
        self.browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator())
        self.name = name

    def get(self, path, **params):
        return self.http.get(path, params=params or None)

    def post(self, path, json=None, **form):
        return self.http.post(f"/auth/{path}", headers={"origin": ORIGIN}, json=json, data=form or None)

    def create_user(self, email=None):
        email = email or f"{self.name}@example.org"
        return self.post("create-user", username=self.name, name=self.name.title(), email=email)

    def answer(self, page, **params):
        """Do what the button of a page or partial asks for."""
        asked = button(page)
        self.asked = asked.options
        credential = (self.browser.create if "rp" in asked.options else self.browser.get)(asked.options)
        path = asked.answer.removeprefix("/auth/")
        self.sent = (path, {"ceremony_id": asked.ceremony, "credential": credential})
        return self.post(path, self.sent[1])

    def sign_up(self):
        verified = self.answer(self.create_user())
        assert verified.json() == {"verified": True, "next": "/auth/user-profile"}, verified.text
        return self.site.mails.next()

    def confirm(self, mail):
        return self.post("verify-email", code=code_of(mail))

    def is_in(self):
        return self.get("/auth/user-profile").status_code == 200


def button(page):
    assert page.status_code == 200, page.text
    found = {
        name: html.unescape(re.search(rf'data-{name}="([^"]*)"', page.text)[1])
        for name in ("answer", "ceremony", "options")
    }
    return SimpleNamespace(**{**found, "options": json.loads(found["options"])})


def code_of(mail):
    return re.search(r"\b\d{6}\b", mail.get_body(["plain"]).get_content())[0]


def link_of(mail):
    return re.search(r"http\S+", mail.get_body(["plain"]).get_content())[0]
