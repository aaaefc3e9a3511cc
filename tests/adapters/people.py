"""Somebody with cookies and an authenticator at a web framework's door."""

from __future__ import annotations

from typing import Any

import httpx

from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator


class Person:
    """One browser on one application; `client` keeps its cookies."""

    def __init__(self, client: httpx.Client, origin: str, prefix: str = "/webauthn") -> None:
        self.http = client
        self.http.headers["origin"] = origin
        self.prefix = prefix
        self.browser = EmulatedBrowser(origin, SoftwareAuthenticator())

    def post(self, path: str, body: object) -> httpx.Response:
        return self.http.post(self.prefix + path, json=body)

    def _begun(self, path: str, body: object) -> dict[str, Any]:
        answer = self.post(path, body)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        return answer.json()

    def create(self, **asked: str) -> httpx.Response:
        begun = self._begun("/registration/options", asked)
        credential = self.browser.create(begun["options"])
        return self.post("/registration/verify", {"ceremony_id": begun["ceremony_id"], "credential": credential})

    def sign_in(self, **asked: str) -> httpx.Response:
        return self._get("/authentication", asked, {name: asked[name] for name in asked if name == "factor"})

    def step_up(self, **purpose: str) -> httpx.Response:
        return self._get("/step-up", purpose, purpose)

    def _get(self, path: str, asked: dict[str, str], more: dict[str, str]) -> httpx.Response:
        begun = self._begun(f"{path}/options", asked)
        credential = self.browser.get(begun["options"])
        return self.post(f"{path}/verify", {"ceremony_id": begun["ceremony_id"], "credential": credential, **more})

    def sign_out(self) -> httpx.Response:
        return self.post("/session/logout", {})

    def username(self) -> str | None:
        user = self.http.get(f"{self.prefix}/session").json()["user"]
        return None if user is None else user["username"]

    def passkeys(self) -> list[dict[str, Any]]:
        return self.http.get(f"{self.prefix}/passkeys").json()["passkeys"]


def whole_journey(person: Person, name: str) -> None:
    """Sign up, out and in, a second device, a name, a step-up, removal: what every door has to do."""
    assert person.create(username=name).status_code == 201
    assert person.username() == name
    assert person.sign_out().status_code == 204
    assert person.username() is None
    assert person.sign_in(mediation="conditional").status_code == 200
    assert person.sign_in(username=name).status_code == 200
    person.browser.authenticator = SoftwareAuthenticator()
    assert person.create().status_code == 201
    first, second = person.passkeys()
    assert first["current"]
    renamed = person.http.patch(f"{person.prefix}/passkeys/{second['id']}", json={"name": "Key ring"})
    assert renamed.json()["name"] == "Key ring"
    assert person.step_up(purpose="remove").json() == {"purpose": "remove"}
    assert person.http.delete(f"{person.prefix}/passkeys/{first['id']}").status_code == 204
    last = person.http.delete(f"{person.prefix}/passkeys/{second['id']}")
    assert (last.status_code, last.json()["code"]) == (409, "last_passkey")
    assert person.http.delete(f"{person.prefix}/passkeys/{second['id']}?confirm_last=true").status_code == 204
    assert person.passkeys() == []
    person.sign_out()
    refused = person.sign_in()
    assert (refused.status_code, refused.json()["code"]) == (401, "not_verified")
    assert refused.headers["content-type"] == "application/problem+json"


def bad_requests(person: Person) -> None:
    """What no door lets in."""
    path = f"{person.prefix}/authentication/options"
    elsewhere = person.http.post(path, json={}, headers={"origin": "https://evil.example"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "foreign_origin")
    form = person.http.post(path, data={"a": "b"})
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")
    large = person.http.post(path, content=b" " * 70_000, headers={"content-type": "application/json"})
    assert (large.status_code, large.json()["code"]) == (413, "malformed_too_large")
    anybody = person.http.get(f"{person.prefix}/passkeys")
    assert (anybody.status_code, anybody.json()["code"]) == (401, "not_signed_in")
    module = person.http.get(f"{person.prefix}/unlatch.js")
    assert module.headers["content-type"].startswith("text/javascript")
    assert person.http.get(module.url, headers={"if-none-match": module.headers["etag"]}).status_code == 304
