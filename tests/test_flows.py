"""The order of things in a flow, and sign-ins with one credential that cross each other.

A flow is a generator: these tests stop it between two requests and let something else happen there.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from unlatch import flows
from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, CredentialRefused, Malformed, Refused, Unavailable
from unlatch.flows import run_async, run_sync
from unlatch.stores.contract import NOW, sample_record
from unlatch.stores.memory import AsyncMemoryCeremonies, AsyncMemoryCredentials, MemoryCeremonies, MemoryCredentials
from unlatch.stores.requests import (
    AddCredential,
    AsyncStores,
    GetCredential,
    PutCeremony,
    Stores,
    TakeCeremony,
    UpdateCredential,
    UserCredentials,
)
from unlatch.terms import SignCountVerdict
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire.options import UserEntity

if TYPE_CHECKING:
    from collections.abc import Generator

    from unlatch.ceremonies.authentication import Authentication
    from unlatch.record import CredentialRecord

RP = RelyingParty(id="example.org", policy=Policy(counter_regression="refuse"))  # type: ignore[arg-type] # a string will do
ADA = UserEntity(b"ada's handle", "ada", "Ada")


class Scene:
    """One user with one passkey, and the stores."""

    def __init__(self, **authenticator: Any) -> None:
        self.browser = EmulatedBrowser("https://example.org", SoftwareAuthenticator(**authenticator))
        self.stores = Stores(MemoryCredentials(), MemoryCeremonies())
        begun = self.run(flows.begin_registration(RP, ADA, now=NOW))
        body = self.browser.create(begun.options.to_json())
        self.record = self.run(flows.finish_registration(RP, begun.id, body, now=NOW)).record

    def run(self, flow: Generator[Any, Any, Any]) -> Any:
        return run_sync(flow, self.stores)

    def assertion(self, *, after: int = 5) -> Generator[Any, Any, Authentication]:
        """Begin, sign with the next counter, and return the finish so many seconds later, not yet run."""
        begun = self.run(flows.begin_authentication(RP, now=NOW))
        body = self.browser.get(begun.options.to_json())
        return flows.finish_authentication(RP, begun.id, body, now=NOW + timedelta(seconds=after))

    def stored(self) -> CredentialRecord:
        record = self.stores.credentials.get(self.record.id)
        assert record is not None
        return record


def until(kind: type, flow: Generator[Any, Any, Any], stores: Stores) -> Any:
    """Run a flow up to its first request of that kind, and return the request."""
    request = flow.send(None)
    while not isinstance(request, kind):
        request = flow.send(request.perform(stores))
    return request


def go_on(flow: Generator[Any, Any, Any], request: Any, stores: Stores) -> Any:
    """Run a stopped flow to its end."""
    try:
        while True:
            request = flow.send(request.perform(stores))
    except StopIteration as returned:
        return returned.value


def requests(flow: Generator[Any, Any, Any], stores: Stores) -> list[type]:
    """Run a flow, and return what it asked for."""
    asked = []
    request = flow.send(None)
    try:
        while True:
            asked.append(type(request))
            request = flow.send(request.perform(stores))
    except StopIteration:
        return asked


def test_each_flow_asks_for_what_it_needs_and_no_more() -> None:
    scene = Scene()
    run = lambda flow: requests(flow, scene.stores)  # noqa: E731 - a name for the lines below
    assert run(flows.begin_registration(RP, ADA, now=NOW)) == [UserCredentials, PutCeremony]
    assert run(flows.begin_authentication(RP, now=NOW)) == [PutCeremony]
    assert run(flows.begin_authentication(RP, ADA, now=NOW)) == [UserCredentials, PutCeremony]
    assert run(scene.assertion()) == [TakeCeremony, GetCredential, UpdateCredential]
    scene.browser.authenticator = SoftwareAuthenticator()
    begun = scene.run(flows.begin_registration(RP, ADA, now=NOW))
    body = scene.browser.create(begun.options.to_json())
    assert run(flows.finish_registration(RP, begun.id, body, now=NOW)) == [TakeCeremony, AddCredential]


def test_a_registration_excludes_and_an_authentication_lists_what_this_relying_party_has() -> None:
    scene = Scene()
    scene.stores.credentials.add(replace(sample_record(b"elsewhere", user_handle=ADA.id), rp_id="example.net"))
    creation = scene.run(flows.begin_registration(RP, ADA, now=NOW)).options
    assert [each.id for each in creation.exclude_credentials] == [scene.record.id]
    for user in (ADA, ADA.id):
        request = scene.run(flows.begin_authentication(RP, user, now=NOW)).options
        assert [each.id for each in request.allow_credentials] == [scene.record.id]
    assert scene.run(flows.begin_authentication(RP, now=NOW)).options.allow_credentials == ()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", "{}", {}, b"\xff", {"id": 1}])
def test_a_ceremony_is_used_up_by_any_answer(body: Any) -> None:
    scene = Scene()
    for begin, finish in (
        (flows.begin_registration(RP, ADA, now=NOW), flows.finish_registration),
        (flows.begin_authentication(RP, now=NOW), flows.finish_authentication),
    ):
        begun = scene.run(begin)
        with pytest.raises(Malformed):
            scene.run(finish(RP, begun.id, body, now=NOW))
        with pytest.raises(CeremonyRefused) as caught:
            scene.run(finish(RP, begun.id, body, now=NOW))
        assert caught.value.code is Code.CEREMONY_UNKNOWN
        assert caught.value.step.endswith(".options")
    assert scene.stored() == scene.record


def test_a_replay_finds_no_ceremony() -> None:
    scene = Scene()
    begun = scene.run(flows.begin_authentication(RP, now=NOW))
    body = scene.browser.get(begun.options.to_json())
    scene.run(flows.finish_authentication(RP, begun.id, body, now=NOW))
    with pytest.raises(CeremonyRefused) as caught:
        scene.run(flows.finish_authentication(RP, begun.id, body, now=NOW))
    assert (caught.value.code, caught.value.step) == (Code.CEREMONY_UNKNOWN, "authentication.options")


def test_a_ceremony_of_the_other_kind_is_refused_and_used_up() -> None:
    scene = Scene()
    begun = scene.run(flows.begin_authentication(RP, now=NOW))
    body = scene.browser.get(begun.options.to_json())
    registration = scene.run(flows.begin_registration(RP, ADA, now=NOW))
    with pytest.raises(CeremonyRefused) as caught:
        scene.run(flows.finish_authentication(RP, registration.id, body, now=NOW))
    assert caught.value.code is Code.CEREMONY_KIND
    assert scene.stores.ceremonies.take(registration.id, NOW) is None


def test_an_expired_ceremony_is_unknown() -> None:
    scene = Scene()
    begun = scene.run(flows.begin_authentication(RP, now=NOW, timeout=30))
    body = scene.browser.get(begun.options.to_json())
    with pytest.raises(CeremonyRefused) as caught:
        scene.run(flows.finish_authentication(RP, begun.id, body, now=NOW + timedelta(seconds=30)))
    assert caught.value.code is Code.CEREMONY_UNKNOWN


def test_a_store_may_say_why_there_is_no_ceremony() -> None:
    class Tells(MemoryCeremonies):
        def take(self, ceremony_id: str, now: Any) -> Any:
            raise CeremonyRefused(Code.CEREMONY_USED, "options")

    class AsyncTells(AsyncMemoryCeremonies):
        async def take(self, ceremony_id: str, now: Any) -> Any:
            raise CeremonyRefused(Code.CEREMONY_USED, "options")

    with pytest.raises(CeremonyRefused) as caught:
        run_sync(flows.finish_registration(RP, "id", b"{}", now=NOW), Stores(MemoryCredentials(), Tells()))
    assert (caught.value.code, caught.value.step) == (Code.CEREMONY_USED, "registration.options")
    flow = flows.finish_authentication(RP, "id", b"{}", now=NOW)
    with pytest.raises(CeremonyRefused) as caught:
        asyncio.run(run_async(flow, AsyncStores(AsyncMemoryCredentials(), AsyncTells())))
    assert (caught.value.code, caught.value.step) == (Code.CEREMONY_USED, "authentication.options")


def test_an_unknown_credential_is_refused() -> None:
    scene = Scene()
    finish = scene.assertion()
    scene.stores.credentials.remove(ADA.id, scene.record.id)
    with pytest.raises(CredentialRefused) as caught:
        scene.run(finish)
    assert (caught.value.code, caught.value.step) == (Code.CREDENTIAL_UNKNOWN, "authentication.user")


def test_nothing_is_looked_up_for_another_ceremony_or_credential() -> None:
    """Otherwise somebody with a ceremony of another session could ask which credentials there are."""

    class Closed(MemoryCredentials):
        def get(self, credential_id: bytes) -> CredentialRecord | None:
            raise AssertionError("the store was asked")

    scene = Scene()

    def refused_by(**begin: Any) -> tuple[Code, str | None]:
        begun = scene.run(flows.begin_authentication(RP, now=NOW, **begin))
        answer = scene.browser.get({**begun.options.to_json(), "allowCredentials": []})
        stores = Stores(Closed(), scene.stores.ceremonies)
        with pytest.raises(Refused) as caught:
            run_sync(flows.finish_authentication(RP, begun.id, answer, now=NOW), stores)
        return caught.value.code, caught.value.step

    assert refused_by(session="another") == (Code.CEREMONY_SESSION, "authentication.options")
    scene.stores.credentials.remove(ADA.id, scene.record.id)
    scene.stores.credentials.add(replace(scene.record, id=b"another"))  # type: ignore[arg-type] # bytes will do
    assert refused_by(user=ADA) == (Code.CREDENTIAL_NOT_ALLOWED, "authentication.allow-credentials")


def test_a_credential_is_registered_once() -> None:
    scene = Scene()
    begun = scene.run(flows.begin_registration(RP, UserEntity(b"eve", "eve"), now=NOW))
    body = scene.browser.create(begun.options.to_json())
    finish = flows.finish_registration(RP, begun.id, body, now=NOW)
    request = until(AddCredential, finish, scene.stores)
    scene.stores.credentials.add(replace(request.record, user_handle=b"somebody faster"))
    with pytest.raises(CredentialRefused) as caught:
        run_sync(_continued(finish, request), scene.stores)
    assert caught.value.code is Code.CREDENTIAL_ALREADY_REGISTERED
    assert caught.value.step == "registration.credential-not-registered"
    assert scene.stores.credentials.for_user(b"eve") == []


def _continued(flow: Generator[Any, Any, Any], request: Any) -> Generator[Any, Any, Any]:
    """A flow that was stopped at a request, as a flow."""
    while True:
        try:
            answer = yield request
        except CredentialRefused as error:
            request = flow.throw(error)
        else:
            request = flow.send(answer)


def test_sign_ins_that_cross_are_no_clone_and_leave_the_highest_counter() -> None:
    scene = Scene(counter=1)
    early, late = scene.assertion(after=20), scene.assertion(after=10)
    stopped = until(UpdateCredential, early, scene.stores)
    first = scene.run(late)
    second = go_on(early, stopped, scene.stores)
    assert first.sign_count is second.sign_count is SignCountVerdict.INCREASED
    assert second.record == scene.stored()
    assert scene.stored().sign_count == first.record.sign_count == scene.record.sign_count + 2
    assert scene.stored().last_used_at == NOW + timedelta(seconds=20)


def test_what_the_later_of_two_crossing_sign_ins_left_stays() -> None:
    scene = Scene(counter=1, backup_eligible=True, backup_state=False)
    early = scene.assertion()
    stopped = until(UpdateCredential, early, scene.stores)
    scene.browser.authenticator.backup_state = True
    scene.run(scene.assertion())
    go_on(early, stopped, scene.stores)
    assert scene.stored().backup_state is True


def test_crossing_sign_ins_that_arrive_in_order_both_count() -> None:
    scene = Scene(counter=1)
    early, late = scene.assertion(), scene.assertion()
    stopped = until(UpdateCredential, late, scene.stores)
    scene.run(early)
    assert go_on(late, stopped, scene.stores).sign_count is SignCountVerdict.INCREASED
    assert scene.stored().sign_count == scene.record.sign_count + 2


def test_a_clone_that_crosses_with_an_equal_counter_is_refused() -> None:
    scene = Scene(counter=1)
    credential = scene.browser.authenticator.credentials[0]
    original = scene.assertion()
    credential.sign_count -= 1
    clone = scene.assertion()
    stopped = until(UpdateCredential, clone, scene.stores)
    scene.run(original)
    with pytest.raises(CredentialRefused) as caught:
        go_on(clone, stopped, scene.stores)
    assert caught.value.code is Code.SIGN_COUNT_REGRESSED


def test_an_old_counter_that_does_not_cross_is_refused() -> None:
    scene = Scene(counter=1)
    early, late = scene.assertion(), scene.assertion()
    scene.run(late)
    with pytest.raises(CredentialRefused) as caught:
        scene.run(early)
    assert caught.value.code is Code.SIGN_COUNT_REGRESSED


def test_a_crossing_sign_in_is_verified_again_by_the_key_that_is_stored_now() -> None:
    scene = Scene(counter=1)
    finish = scene.assertion()
    stopped = until(UpdateCredential, finish, scene.stores)
    other = Scene(counter=1)
    scene.stores.credentials.remove(ADA.id, scene.record.id)
    scene.stores.credentials.add(replace(scene.record, public_key=other.record.public_key, sign_count=9))
    with pytest.raises(CredentialRefused) as caught:
        go_on(finish, stopped, scene.stores)
    assert caught.value.code is Code.SIGNATURE_INVALID


def test_a_credential_removed_during_its_sign_in_is_refused() -> None:
    scene = Scene()
    finish = scene.assertion()
    stopped = until(UpdateCredential, finish, scene.stores)
    scene.stores.credentials.remove(ADA.id, scene.record.id)
    with pytest.raises(CredentialRefused) as caught:
        go_on(finish, stopped, scene.stores)
    assert caught.value.code is Code.CREDENTIAL_UNKNOWN


def test_a_sign_in_does_not_try_for_ever() -> None:
    class Contended(MemoryCredentials):
        tries = 0

        def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
            self.tries += 1
            return False

    scene = Scene()
    finish = scene.assertion()
    contended = Contended()
    contended.add(scene.record)
    with pytest.raises(Unavailable) as caught:
        run_sync(finish, Stores(contended, scene.stores.ceremonies))
    assert contended.tries == flows.MAX_ATTEMPTS
    assert "another sign-in" in caught.value.detail


def test_a_stop_iteration_of_a_store_is_no_result() -> None:
    class Faulty(MemoryCeremonies):
        def take(self, ceremony_id: str, now: Any) -> Any:
            raise StopIteration("looks like the end of the flow")

    class AsyncFaulty(AsyncMemoryCeremonies):
        async def take(self, ceremony_id: str, now: Any) -> Any:
            raise KeyError(ceremony_id)

    finish = flows.finish_authentication(RP, "id", b"{}", now=NOW)
    with pytest.raises(StopIteration, match="looks like"):
        run_sync(finish, Stores(MemoryCredentials(), Faulty()))
    finish = flows.finish_authentication(RP, "id", b"{}", now=NOW)
    with pytest.raises(KeyError):
        asyncio.run(run_async(finish, AsyncStores(AsyncMemoryCredentials(), AsyncFaulty())))
