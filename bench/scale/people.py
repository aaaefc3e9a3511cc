"""Sign-ins of random people among all those in the database."""

from __future__ import annotations

import random

from sqlalchemy import Engine

from bench.scale.clock import DatabaseClock
from bench.scale.requests import Requests
from bench.scale.rows import credential_id_of, handle_of
from unlatch import RelyingParty
from unlatch.record import CredentialRecord
from unlatch.server.application import create_application
from unlatch.server.database import Database
from unlatch.server.settings import Settings
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire import base64url
from unlatch.wire.options import UserEntity

ORIGIN = "http://localhost:8000"


class Everybody:
    """One authenticator that can answer for all: they share a key, and no signature names whose passkey it is."""

    def __init__(self) -> None:
        self._browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator())
        rp = RelyingParty(id="localhost", name="Scale", origins=[ORIGIN])
        begun = rp.begin_registration(UserEntity(handle_of(0), "user 0", "Somebody"))
        answer = self._browser.create(begun.options.to_json())
        self.record: CredentialRecord = rp.finish_registration(begun.state, answer).record

    def answer(self, options: dict[str, object], number: int) -> dict[str, object]:
        """The response of the account with this number."""
        response = self._browser.get(options)
        if number:
            response["id"] = response["rawId"] = base64url.encode(credential_id_of(number))
            response["response"]["userHandle"] = base64url.encode(handle_of(number))
        return response


class Doorway:
    """Signs people in at one database, through the whole server but its network.

    Args:
        engine: The database.
        settings: The server's.
        everybody: Answers for people.
        rows: How many people there are.
        seed: Which of them come.
    """

    def __init__(self, engine: Engine, settings: Settings, *, everybody: Everybody, rows: int, seed: int = 1) -> None:
        self._clock = DatabaseClock(engine)
        self._database = Database(engine)
        self._requests = Requests(create_application(settings, self._database), origin=ORIGIN)
        self._everybody = everybody
        self._rows = rows
        self._dice = random.Random(seed)  # noqa: S311 - which rows are read is no secret, and must be the same each run

    def sign_in(self) -> float:
        """Sign one person in; the milliseconds that the database took for it, commits included."""
        self._clock.take()
        begun = self._requests.post("/v1/authentication/options", {})
        credential = self._everybody.answer(begun["options"], self._dice.randrange(self._rows))
        body = {"ceremony_id": begun["ceremony_id"], "credential": credential}
        self._requests.post("/v1/authentication/verify", body)
        return self._clock.take() * 1000

    def close(self) -> None:
        """End its connections."""
        self._requests.close()
        self._database.close()
