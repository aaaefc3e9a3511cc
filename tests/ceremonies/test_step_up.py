"""Step-up: this user, verified, just now, for this purpose alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from honest import NOW as MOMENT
from honest import authentication_state, relying_party
from honest import record as honest_record
from unlatch import (
    AsyncPasskeys,
    AuthenticationResponse,
    CeremonyRefused,
    CeremonyState,
    Code,
    CredentialRefused,
    Misconfigured,
    Passkeys,
    Policy,
    Refused,
    RelyingParty,
    UserEntity,
)
from unlatch.ceremonies.step_up import finish_step_up, is_fresh
from unlatch.stores.memory import AsyncMemoryCeremonies, AsyncMemoryCredentials, MemoryCeremonies, MemoryCredentials
from unlatch.terms import CeremonyKind
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.values import replace as replaced

ADA, BOB = UserEntity(b"handle-of-ada", "ada"), UserEntity(b"handle-of-bob", "bob")
RP = RelyingParty(id="example.org")
PURPOSE = "remove passkey 3"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def browser():
    return EmulatedBrowser("https://example.org", SoftwareAuthenticator())


def registered(browser, user=ADA, rp=RP):
    begun = rp.begin_registration(user)
    return rp.finish_registration(begun.state, browser.create(begun.options.to_json())).record


def begin(record, user=ADA, **others):
    return RP.begin_step_up(user, records=[record], **{"purpose": PURPOSE, **others})


def finish(browser, begun, record, **others):
    body = browser.get(begun.options.to_json())
    arguments = {"user": ADA, "purpose": PURPOSE, **others}
    return RP.finish_step_up(CeremonyState.from_json(begun.state.to_json()), body, record, **arguments)


def refusal(caught):
    return caught.value.code, caught.value.step


def test_a_step_up(browser):
    record = registered(browser)
    begun = begin(record)
    assert begun.options.user_verification == "required"
    assert [item.id for item in begun.options.allow_credentials] == [record.id]
    done = finish(browser, begun, record)
    assert done.verified_as_factor
    assert done.user_handle == ADA.id
    assert finish(browser, begin(record, user=ADA.id), record, user=ADA.id).verified_as_factor


@pytest.mark.parametrize("policy", [Policy(user_verification="discouraged"), Policy.second_factor()])
def test_the_user_is_verified_whatever_the_policy_says(browser, policy):
    rp = RelyingParty(id="example.org", policy=policy)
    record = registered(browser)
    begun = rp.begin_step_up(ADA, records=[record], purpose=PURPOSE)
    assert begun.options.user_verification == "required"
    weak = {**begun.options.to_json(), "userVerification": "discouraged"}
    with pytest.raises(Refused) as caught:
        rp.finish_step_up(begun.state, browser.get(weak), record, user=ADA, purpose=PURPOSE)
    assert refusal(caught) == (Code.USER_NOT_VERIFIED, "authentication.user-verification")


def test_another_purpose(browser):
    record = registered(browser)
    with pytest.raises(Refused) as caught:
        finish(browser, begin(record), record, purpose="remove passkey 4")
    assert refusal(caught) == (Code.CEREMONY_PURPOSE, "authentication.options")


def test_another_user_at_the_finish(browser):
    record = registered(browser)
    with pytest.raises(Refused) as caught:
        finish(browser, begin(record), record, user=BOB)
    assert refusal(caught) == (Code.CEREMONY_USER, "authentication.options")
    assert caught.value.received == BOB.id


def test_one_that_is_over(browser):
    record = registered(browser)
    begun = begin(record, now=NOW, timeout=60)
    assert finish(browser, begun, record, now=NOW + timedelta(seconds=59)).verified_as_factor
    with pytest.raises(Refused) as caught:
        finish(browser, begun, record, now=NOW + timedelta(seconds=60))
    assert refusal(caught) == (Code.CEREMONY_EXPIRED, "authentication.options")


def test_a_credential_of_another_user(browser):
    record = registered(browser)
    stolen = replace(record, user_handle=BOB.id)
    with pytest.raises(Refused) as caught:
        finish(browser, begin(record), stolen)
    assert caught.value.code is Code.CREDENTIAL_OF_ANOTHER_USER


def test_a_state_of_a_sign_in_is_none_of_a_step_up_and_the_other_way_round(browser):
    record = registered(browser)
    sign_in = RP.begin_authentication(user=ADA, records=[record], user_verification="required")
    with pytest.raises(Refused) as caught:
        finish(browser, sign_in, record)
    assert refusal(caught) == (Code.CEREMONY_PURPOSE, "authentication.options")
    begun = begin(record)
    with pytest.raises(Refused) as caught:
        RP.finish_authentication(begun.state, browser.get(begun.options.to_json()), record)
    assert refusal(caught) == (Code.CEREMONY_PURPOSE, "authentication.options")


def test_a_state_that_names_nobody(browser):
    record = registered(browser)
    nobody = replace(begin(record).state, user=None)
    body = browser.get(begin(record).options.to_json())
    with pytest.raises(Refused) as caught:
        RP.finish_step_up(nobody, body, record, user=ADA, purpose=PURPOSE)
    assert caught.value.code is Code.CEREMONY_USER


def test_verification_that_does_not_count_is_none(browser):
    record = replace(registered(browser), uv_initialized=False)
    with pytest.raises(Refused) as caught:
        finish(browser, begin(record), record)
    assert refusal(caught) == (Code.USER_NOT_VERIFIED, "authentication.user-verification")
    assert caught.value.expected == "user verification that counts as a factor"
    begun = begin(record)
    response = AuthenticationResponse.from_json(browser.get(begun.options.to_json()))
    with pytest.raises(Refused) as caught:
        finish_step_up(RP, begun.state, response, record, user=ADA, purpose=PURPOSE, now=begun.state.created_at)
    assert caught.value.code is Code.USER_NOT_VERIFIED
    done = finish(browser, begin(record), record, other_factor=True)
    assert not done.verified_as_factor
    assert done.record.uv_initialized
    assert finish(browser, begin(done.record), done.record).verified_as_factor


def test_another_factor_makes_verification_count_from_the_next_time_on(browser):
    record = replace(registered(browser), uv_initialized=False)

    def sign_in(record, options=None, **others):
        begun = RP.begin_authentication(user=ADA, records=[record])
        body = browser.get({**begun.options.to_json(), **(options or {})})
        return RP.finish_authentication(begun.state, body, record, **others)

    assert not sign_in(record).record.uv_initialized
    unverified = sign_in(record, {"userVerification": "discouraged"}, other_factor=True)
    assert not unverified.record.uv_initialized
    first = sign_in(record, other_factor=True)
    assert (first.verified_as_factor, first.record.uv_initialized) == (False, True)
    second = sign_in(first.record)
    assert (second.verified_as_factor, second.record.uv_initialized) == (True, True)


def test_nobody_can_step_up_without_a_passkey():
    with pytest.raises(CredentialRefused) as caught:
        RP.begin_step_up(ADA, records=[], purpose=PURPOSE)
    assert refusal(caught) == (Code.CREDENTIAL_UNKNOWN, "authentication.user")


@pytest.mark.parametrize("purpose", ["", None, "x" * 256, b"bytes"])
def test_a_purpose_is_needed(browser, purpose):
    record = registered(browser)
    with pytest.raises(Misconfigured):
        begin(record, purpose=purpose)
    with pytest.raises(Misconfigured):
        finish(browser, begin(record), record, purpose=purpose)


@pytest.mark.parametrize("purpose", ["x", "x" * 255])
def test_a_purpose_of_one_letter_and_of_the_most(browser, purpose):
    record = registered(browser)
    assert finish(browser, begin(record, purpose=purpose), record, purpose=purpose).verified_as_factor


def test_freshness():
    assert not is_fresh(None, max_age=300, now=NOW)
    for age, fresh in ((0, True), (300, True), (301, False), (-1, False)):
        assert is_fresh(NOW - timedelta(seconds=age), max_age=300, now=NOW) is fresh


def test_with_stores(browser):
    passkeys = Passkeys(RP, credentials=MemoryCredentials(), ceremonies=MemoryCeremonies())
    with pytest.raises(CredentialRefused):
        passkeys.begin_step_up(ADA, purpose=PURPOSE)
    begun = passkeys.begin_registration(ADA)
    passkeys.finish_registration(begun.id, browser.create(begun.options.to_json()))
    begun = passkeys.begin_step_up(ADA, purpose=PURPOSE, session="s", timeout=60)
    body = browser.get(begun.options.to_json())
    done = passkeys.finish_step_up(begun.id, body, user=ADA, purpose=PURPOSE, session="s")
    assert done.verified_as_factor
    assert passkeys.list(ADA.id)[0].sign_count == done.record.sign_count
    with pytest.raises(Refused) as caught:
        passkeys.finish_step_up(begun.id, body, user=ADA, purpose=PURPOSE, session="s")
    assert caught.value.code is Code.CEREMONY_UNKNOWN
    begun = passkeys.begin_step_up(ADA.id, purpose=PURPOSE)
    with pytest.raises(Refused) as caught:
        passkeys.finish_authentication(begun.id, browser.get(begun.options.to_json()))
    assert caught.value.code is Code.CEREMONY_PURPOSE


async def test_with_asynchronous_stores(browser):
    passkeys = AsyncPasskeys(RP, credentials=AsyncMemoryCredentials(), ceremonies=AsyncMemoryCeremonies())
    begun = await passkeys.begin_registration(ADA)
    await passkeys.finish_registration(begun.id, browser.create(begun.options.to_json()))
    begun = await passkeys.begin_step_up(ADA, purpose=PURPOSE)
    body = browser.get(begun.options.to_json())
    done = await passkeys.finish_step_up(begun.id, body, user=ADA, purpose=PURPOSE)
    assert done.verified_as_factor
    begun = await passkeys.begin_authentication(ADA)
    await passkeys.finish_authentication(begun.id, browser.get(begun.options.to_json()), other_factor=True)


def test_another_factor_counts_also_where_a_later_sign_in_was_faster(browser):
    """The record that a concurrent sign-in left is kept, but that user verification counts now is not lost."""
    credentials = MemoryCredentials()
    passkeys = Passkeys(RP, credentials=credentials, ceremonies=MemoryCeremonies())
    record = replace(registered(browser), uv_initialized=False)
    credentials.add(record)
    slow = passkeys.begin_authentication(ADA)
    slow_body = browser.get(slow.options.to_json())
    fast = passkeys.begin_authentication(ADA)
    fast_body = browser.get(fast.options.to_json())
    update = credentials.update

    def overtaken(before, after):
        credentials.update = update
        passkeys.finish_authentication(fast.id, fast_body)
        return update(before, after)

    credentials.update = overtaken
    done = passkeys.finish_authentication(slow.id, slow_body, other_factor=True)
    stored = passkeys.list(ADA.id)[0]
    assert stored.sign_count == record.sign_count + 2
    assert stored.uv_initialized
    assert done.record == stored


def test_a_step_up_takes_what_it_is_given() -> None:
    """Through the method of the relying party: the challenge, the time and what the options say."""
    own, moment = honest_record(), datetime(2026, 5, 1, tzinfo=UTC)
    asked = {"challenge": bytes(32), "now": moment, "hints": ["hybrid"], "timeout": 60, "extensions": {"uvm": True}}
    begun = relying_party().begin_step_up(own.user_handle, records=[own], purpose="pay", **asked)
    told = begun.options.to_json()
    assert (told["challenge"], told["hints"], told["timeout"]) == ("A" * 43, ["hybrid"], 60_000)
    assert told["extensions"] == {"uvm": True}
    assert (begun.state.created_at, begun.state.expires_at) == (moment, moment + timedelta(seconds=60))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": CeremonyKind.REGISTRATION}, ("registration", "authentication")),
        ({"purpose": "another"}, ("another", None)),
        ({"purpose": "one", "asked": "other"}, ("one", "other")),
        ({"rp_id": "example.com"}, ("example.com", "example.org")),
        (
            {"created_at": MOMENT - timedelta(2), "expires_at": MOMENT},
            (f"{(MOMENT - timedelta(2)).isoformat()} to {MOMENT.isoformat()}", MOMENT.isoformat()),
        ),
    ],
)
def test_a_state_of_something_else_tells_both(change: dict[str, object], told: tuple[object, object]) -> None:
    asked = change.get("asked")
    members = {name: value for name, value in change.items() if name != "asked"}
    state = replaced(authentication_state(), **members)  # type: ignore[arg-type] # members of the state
    with pytest.raises(CeremonyRefused) as caught:
        state.check(CeremonyKind.AUTHENTICATION, "example.org", session=None, now=MOMENT, purpose=asked)
    assert (caught.value.expected, caught.value.received) == told
