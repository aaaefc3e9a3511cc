"""Somebody with a browser at a neutral door: the part of a framework's door, as small as it can be."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from unlatch import CredentialRecord, Policy, RelyingParty, UserEntity
from unlatch.adapters.http import Answer, Door, HttpCode, Rejected, Request, Route, Session, Users
from unlatch.stores.memory import AsyncMemoryCeremonies, AsyncMemoryCredentials, MemoryCeremonies, MemoryCredentials
from unlatch.stores.requests import AsyncStores, Stores
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

ORIGIN = "https://example.org"


class Accounts:
    """The host's users, in a dictionary."""

    def __init__(self) -> None:
        self.all: dict[bytes, UserEntity] = {}

    def by_name(self, name: str) -> UserEntity | None:
        return next((user for user in self.all.values() if user.name == name), None)

    def create(self, user: UserEntity) -> None:
        if self.by_name(user.name) is not None:
            raise Rejected(HttpCode.USERNAME_TAKEN)
        self.all[user.id] = user

    def users(self, **more: Any) -> Users:
        return Users(**{"by_handle": self.all.get, "by_name": self.by_name, "create": self.create, **more})

    def awaited(self) -> Users:
        async def by_handle(handle: bytes) -> UserEntity | None:
            return self.all.get(handle)

        async def by_name(name: str) -> UserEntity | None:
            return self.by_name(name)

        async def create(user: UserEntity) -> None:
            self.create(user)

        return Users(by_handle=by_handle, by_name=by_name, create=create)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


class House:
    """A relying party with a door, its accounts, its stores and its clock."""

    def __init__(self, *, awaited: bool = False, policy: Policy | None = None, **choices: Any) -> None:
        self.accounts = Accounts()
        self.clock = Clock()
        rp = RelyingParty(id="example.org", origins=[ORIGIN], policy=policy or Policy.passkey())
        users = choices.pop("users", None) or (self.accounts.awaited() if awaited else self.accounts.users())
        self.door = Door(rp, users=users, clock=self.clock, **choices)
        self.awaited = awaited
        self.stores = Stores(MemoryCredentials(), MemoryCeremonies())
        self.async_stores = AsyncStores(AsyncMemoryCredentials(), AsyncMemoryCeremonies())

    def answer(self, request: Request) -> Answer:
        if self.awaited:
            return asyncio.run(self.door.answer_async(request, self.async_stores))
        return self.door.answer(request, self.stores)

    def record(self, credential_id: bytes) -> CredentialRecord | None:
        """What is stored of a passkey."""
        if self.awaited:
            return asyncio.run(self.async_stores.credentials.get(credential_id))
        return self.stores.credentials.get(credential_id)


class Visitor:
    """One browser: its session travels as JSON, as it does in a host."""

    def __init__(self, house: House, authenticator: SoftwareAuthenticator | None = None) -> None:
        self.house = house
        self.session: Any = None
        self.event: Any = None
        self.browser = EmulatedBrowser(ORIGIN, authenticator or SoftwareAuthenticator())

    def send(self, route: Route, body: Any = None, **facts: Any) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        given = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        asked = {"content_type": "application/json", "origin": ORIGIN, "session": Session.from_json(self.session)}
        answer = self.house.answer(Request(route=route, body=given, **{**asked, **facts}))
        if answer.session is not None:
            self.session = json.loads(json.dumps(answer.session.to_json()))
        self.event = answer.event
        return answer.status, json.loads(answer.body) if answer.body else None

    def code(self, route: Route, body: Any = None, **facts: Any) -> tuple[int, str]:
        """Status and code of a refusal."""
        status, document = self.send(route, body, **facts)
        return status, document["code"]

    def begin(self, route: Route, body: Any) -> dict[str, Any]:
        status, begun = self.send(route, body)
        if status != 200:
            raise RuntimeError(begun)
        return begun

    def create(self, **asked: Any) -> dict[str, Any]:
        """Begin to make a passkey: what the page then posts."""
        begun = self.begin(Route.REGISTRATION_OPTIONS, asked)
        return {"ceremony_id": begun["ceremony_id"], "credential": self.browser.create(begun["options"])}

    def get(self, route: Route = Route.AUTHENTICATION_OPTIONS, **asked: Any) -> dict[str, Any]:
        """Begin to use a passkey: what the page then posts."""
        begun = self.begin(route, asked)
        return {"ceremony_id": begun["ceremony_id"], "credential": self.browser.get(begun["options"])}

    def sign_up(self, name: str) -> tuple[int, Any]:
        return self.send(Route.REGISTRATION_VERIFY, self.create(username=name, display_name="A person"))

    def sign_in(self, **asked: Any) -> tuple[int, Any]:
        return self.send(Route.AUTHENTICATION_VERIFY, self.get(**asked))

    def sign_out(self) -> None:
        self.send(Route.SIGN_OUT, {})

    def step_up(self, **purpose: str) -> tuple[int, Any]:
        return self.send(Route.STEP_UP_VERIFY, {**self.get(Route.STEP_UP_OPTIONS, **purpose), **purpose})

    def username(self) -> str | None:
        user = self.send(Route.CURRENT)[1]["user"]
        return None if user is None else user["username"]

    def passkeys(self) -> list[dict[str, Any]]:
        return self.send(Route.PASSKEYS)[1]["passkeys"]
