"""Passkeys, blocking and awaited, on the stores of this package."""

from __future__ import annotations

import asyncio
import inspect
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from stores.sql import database
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, CredentialRefused, Malformed, Misconfigured, UnlatchError
from unlatch.passkeys import MAX_NAME_LENGTH, AsyncPasskeys, Passkeys
from unlatch.stores.contract import at_once
from unlatch.stores.memory import AsyncMemoryCeremonies, AsyncMemoryCredentials, MemoryCeremonies, MemoryCredentials
from unlatch.stores.sqlalchemy import (
    AsyncSqlCeremonies,
    AsyncSqlCredentials,
    SqlCeremonies,
    SqlCredentials,
    create_async_sqlite_engine,
)
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire.options import UserEntity

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

RP = RelyingParty(id="example.org", name="Example")
ADA = UserEntity(b"ada's handle", "ada", "Ada")


@pytest.fixture
def browser() -> EmulatedBrowser:
    return EmulatedBrowser("https://example.org", SoftwareAuthenticator())


@pytest.fixture(params=["memory", "sqlite"])
def passkeys(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Passkeys]:
    if request.param == "memory":
        yield Passkeys(RP, credentials=MemoryCredentials(), ceremonies=MemoryCeremonies())
        return
    with database(tmp_path / "db.sqlite3") as engine:
        yield Passkeys(RP, credentials=SqlCredentials(engine), ceremonies=SqlCeremonies(engine))


@pytest.fixture(params=["memory", "sqlite"])
async def async_passkeys(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncPasskeys]:
    if request.param == "memory":
        yield AsyncPasskeys(RP, credentials=AsyncMemoryCredentials(), ceremonies=AsyncMemoryCeremonies())
        return
    with database(tmp_path / "db.sqlite3"):
        engine = create_async_sqlite_engine(tmp_path / "db.sqlite3")
        yield AsyncPasskeys(RP, credentials=AsyncSqlCredentials(engine), ceremonies=AsyncSqlCeremonies(engine))
        await engine.dispose()


def register(passkeys: Passkeys, browser: EmulatedBrowser, user: UserEntity = ADA) -> Any:
    begun = passkeys.begin_registration(user)
    return passkeys.finish_registration(begun.id, browser.create_body(begun.options.to_json()))


def test_a_passkey_is_made_and_used(passkeys: Passkeys, browser: EmulatedBrowser) -> None:
    begun = passkeys.begin_registration(ADA, session="session 1")
    registration = passkeys.finish_registration(
        begun.id, browser.create_body(begun.options.to_json()), session="session 1"
    )
    assert passkeys.list(ADA.id) == [registration.record]
    for user in (None, ADA, ADA.id):
        signing = passkeys.begin_authentication(user, session="session 2")
        authentication = passkeys.finish_authentication(
            signing.id, browser.get_body(signing.options.to_json()), session="session 2"
        )
        assert authentication.user_handle == ADA.id
        assert passkeys.list(ADA.id) == [authentication.record]
    assert passkeys.rename(ADA.id, registration.record.id, " Ada\u2019s phone ") is True
    assert [record.name for record in passkeys.list(ADA.id)] == ["Ada\u2019s phone"]
    assert passkeys.remove(b"eve", registration.record.id) is False
    assert passkeys.remove(ADA.id, registration.record.id) is True
    assert passkeys.list(ADA.id) == []


async def test_a_passkey_is_made_and_used_async(async_passkeys: AsyncPasskeys, browser: EmulatedBrowser) -> None:
    begun = await async_passkeys.begin_registration(ADA, session="session 1")
    registration = await async_passkeys.finish_registration(
        begun.id, browser.create_body(begun.options.to_json()), session="session 1"
    )
    assert await async_passkeys.list(ADA.id) == [registration.record]
    for user in (None, ADA, ADA.id):
        signing = await async_passkeys.begin_authentication(user, session="session 2")
        authentication = await async_passkeys.finish_authentication(
            signing.id, browser.get_body(signing.options.to_json()), session="session 2"
        )
        assert authentication.user_handle == ADA.id
        assert await async_passkeys.list(ADA.id) == [authentication.record]
    with pytest.raises(Malformed):
        await async_passkeys.rename(ADA.id, registration.record.id, "")
    assert await async_passkeys.rename(ADA.id, registration.record.id, " Ada\u2019s phone ") is True
    assert [record.name for record in await async_passkeys.list(ADA.id)] == ["Ada\u2019s phone"]
    assert await async_passkeys.remove(b"eve", registration.record.id) is False
    assert await async_passkeys.remove(ADA.id, registration.record.id) is True
    assert await async_passkeys.list(ADA.id) == []


def test_another_session_cannot_finish(passkeys: Passkeys, browser: EmulatedBrowser) -> None:
    register(passkeys, browser)
    for session in (None, "session 2"):
        begun = passkeys.begin_authentication(session="session 1")
        body = browser.get_body(begun.options.to_json())
        with pytest.raises(CeremonyRefused) as caught:
            passkeys.finish_authentication(begun.id, body, session=session)
        assert caught.value.code is Code.CEREMONY_SESSION


def test_a_passkey_of_another_user_is_no_step_up(passkeys: Passkeys, browser: EmulatedBrowser) -> None:
    register(passkeys, browser)
    for known in (UserEntity(b"eve", "eve"), b"eve"):
        begun = passkeys.begin_authentication(known)
        # Eve has no passkey, so nothing is listed; a browser would offer Ada's.
        assert begun.options.allow_credentials == ()
        with pytest.raises(CredentialRefused) as caught:
            passkeys.finish_authentication(begun.id, browser.get_body(begun.options.to_json()))
        assert caught.value.code is Code.CREDENTIAL_OF_ANOTHER_USER


def test_choices_reach_the_options(passkeys: Passkeys) -> None:
    creation = passkeys.begin_registration(
        ADA,
        user_verification="required",  # type: ignore[arg-type] # a string will do
        resident_key="discouraged",  # type: ignore[arg-type] # a string will do
        attachment="platform",  # type: ignore[arg-type] # a string will do
        hints=["client-device"],
        extensions={"credProps": True},
        timeout=60,
        challenge=bytes(32),
    ).options
    assert (creation.user_verification, creation.resident_key, creation.attachment) == (
        "required",
        "discouraged",
        "platform",
    )
    assert (creation.hints, creation.extensions, creation.timeout, creation.challenge) == (
        ("client-device",),
        {"credProps": True},
        60_000,
        bytes(32),
    )
    request = passkeys.begin_authentication(
        mediation="conditional",  # type: ignore[arg-type] # a string will do
        user_verification="discouraged",  # type: ignore[arg-type] # a string will do
        hints=["hybrid"],
        timeout=600,
    ).options
    assert (request.user_verification, request.hints, request.timeout) == ("discouraged", ("hybrid",), 600_000)
    with pytest.raises(Misconfigured):
        passkeys.begin_authentication(timeout=1)


def test_the_choices_are_those_of_the_relying_party() -> None:
    """What the relying party can be asked, Passkeys can; its other arguments come from the flow."""
    from unlatch.flows import AuthenticationChoices, RegistrationChoices

    for method, choices, own in (
        (RelyingParty.begin_registration, RegistrationChoices, {"self", "user", "exclude", "session", "now"}),
        (RelyingParty.begin_authentication, AuthenticationChoices, {"self", "user", "records", "session", "now"}),
    ):
        assert set(inspect.signature(method).parameters) - own == set(choices.__annotations__)


def test_the_two_faces_are_the_same() -> None:
    names = [name for name in vars(Passkeys) if not name.startswith("_")]
    assert names == [name for name in vars(AsyncPasskeys) if not name.startswith("_")]
    for name in names:
        blocking, awaited = getattr(Passkeys, name), getattr(AsyncPasskeys, name)
        assert inspect.signature(blocking).parameters == inspect.signature(awaited).parameters
        assert inspect.iscoroutinefunction(awaited)


def test_the_clock_is_an_argument(browser: EmulatedBrowser) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    passkeys = Passkeys(RP, credentials=MemoryCredentials(), ceremonies=MemoryCeremonies(), clock=lambda: now)
    assert register(passkeys, browser).record.created_at == now
    begun = passkeys.begin_authentication()
    body = browser.get_body(begun.options.to_json())
    now += timedelta(seconds=300)
    with pytest.raises(CeremonyRefused):
        passkeys.finish_authentication(begun.id, body)


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * (MAX_NAME_LENGTH + 1), "a\x00b", "a\nb", "\x7f", "a\x85b", "half \ud800"]
)
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    passkeys = Passkeys(RP, credentials=MemoryCredentials(), ceremonies=MemoryCeremonies())
    with pytest.raises(Malformed) as caught:
        passkeys.rename(ADA.id, b"id", name)
    assert (caught.value.code, caught.value.path) == (Code.RECORD, "name")


def test_one_response_a_hundred_times_at_once_succeeds_once(passkeys: Passkeys, browser: EmulatedBrowser) -> None:
    begun = passkeys.begin_registration(ADA)
    body = browser.create_body(begun.options.to_json())
    assert _successes(at_once(lambda _: _tried(lambda: passkeys.finish_registration(begun.id, body)), 100)) == 1
    signing = passkeys.begin_authentication()
    body = browser.get_body(signing.options.to_json())
    assert _successes(at_once(lambda _: _tried(lambda: passkeys.finish_authentication(signing.id, body)), 100)) == 1
    assert len(passkeys.list(ADA.id)) == 1


async def test_one_response_a_hundred_times_at_once_succeeds_once_async(
    async_passkeys: AsyncPasskeys, browser: EmulatedBrowser
) -> None:
    begun = await async_passkeys.begin_registration(ADA)
    body = browser.create_body(begun.options.to_json())
    results = await asyncio.gather(
        *(async_passkeys.finish_registration(begun.id, body) for _ in range(100)), return_exceptions=True
    )
    assert _successes(results) == 1
    assert len(await async_passkeys.list(ADA.id)) == 1


@pytest.mark.parametrize("counter", [None, 1])
def test_sign_ins_at_once_are_no_clone(passkeys: Passkeys, counter: int | None) -> None:
    """Twenty sign-ins with one passkey, all signed before the first arrives, in the order of their counters."""
    browser = EmulatedBrowser("https://example.org", SoftwareAuthenticator(counter=counter))
    register(passkeys, browser)
    begun = [passkeys.begin_authentication() for _ in range(20)]
    bodies = [browser.get_body(each.options.to_json()) for each in begun]
    # One worker keeps the order; what truly crosses is tested with stopped flows, where chance has no part.
    with ThreadPoolExecutor(1 if counter else 20) as pool:
        results = list(
            pool.map(
                lambda pair: _tried(lambda: passkeys.finish_authentication(pair[0].id, pair[1])),
                zip(begun, bodies, strict=True),
            )
        )
    assert _successes(results) == 20
    (record,) = passkeys.list(ADA.id)
    assert record.sign_count == browser.authenticator.credentials[0].sign_count


def test_a_page_may_send_text_or_parsed_json(passkeys: Passkeys, browser: EmulatedBrowser) -> None:
    for form in (bytes, bytes.decode, json.loads):
        browser.authenticator = SoftwareAuthenticator()
        begun = passkeys.begin_registration(ADA)
        body = browser.create_body(begun.options.to_json())
        passkeys.finish_registration(begun.id, form(body))
    assert len(passkeys.list(ADA.id)) == 3


def _tried(call: Any) -> Any:
    try:
        return call()
    except UnlatchError as error:
        return error


def _successes(results: list[Any]) -> int:
    refused = [result for result in results if isinstance(result, BaseException)]
    assert all(isinstance(error, CeremonyRefused) and error.code is Code.CEREMONY_UNKNOWN for error in refused), refused
    return len(results) - len(refused)
