"""Whose credential it is: judged when a ceremony begins and again when it ends."""

from dataclasses import replace

import pytest

from unlatch import Code, Misconfigured, Policy, Refused, RelyingParty, UserEntity
from unlatch.terms import SignCountVerdict
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

ADA, BOB = UserEntity(b"handle-of-ada", "ada"), UserEntity(b"handle-of-bob", "bob")
RP = RelyingParty(id="example.org")


@pytest.fixture
def browser():
    return EmulatedBrowser("https://example.org", SoftwareAuthenticator())


@pytest.fixture
def record(browser):
    begun = RP.begin_registration(ADA)
    return RP.finish_registration(begun.state, browser.create(begun.options.to_json())).record


@pytest.mark.parametrize("change", [{"user_handle": BOB.id}, {"rp_id": "example.com"}])
def test_records_of_others_begin_nothing(record, change):
    foreign = replace(record, **change)
    with pytest.raises(Misconfigured):
        RP.begin_authentication(user=ADA, records=[record, foreign])
    with pytest.raises(Misconfigured):
        RP.begin_registration(ADA, exclude=[record, foreign])
    with pytest.raises(Misconfigured):
        RP.begin_step_up(ADA, records=[foreign], purpose="x")


def test_records_without_their_user_begin_nothing(record):
    with pytest.raises(Misconfigured):
        RP.begin_authentication(records=[record])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"user_handle": BOB.id}, Code.CREDENTIAL_OF_ANOTHER_USER),
        ({"rp_id": "example.com"}, Code.CREDENTIAL_UNKNOWN),
        ({"id": b"another"}, Code.CREDENTIAL_UNKNOWN),
    ],
)
def test_records_of_others_end_nothing(browser, record, change, code):
    begun = RP.begin_authentication(user=ADA, records=[record])
    with pytest.raises(Refused) as caught:
        RP.finish_authentication(begun.state, browser.get(begun.options.to_json()), replace(record, **change))
    assert (caught.value.code, caught.value.step) == (code, "authentication.user")


def test_exclude_lists_what_the_account_has(record):
    begun = RP.begin_registration(ADA, exclude=iter([record]))
    assert [item.id for item in begun.options.exclude_credentials] == [record.id]


@pytest.mark.parametrize(
    ("rule", "verdict"), [("flag", SignCountVerdict.REGRESSED), ("ignore", SignCountVerdict.IGNORED)]
)
def test_a_counter_that_goes_back(browser, record, rule, verdict):
    rp = RelyingParty(id="example.org", policy=Policy(counter_regression=rule))
    ahead = replace(record, sign_count=record.sign_count + 100)
    begun = rp.begin_authentication(user=ADA, records=[ahead])
    done = rp.finish_authentication(begun.state, browser.get(begun.options.to_json()), ahead)
    assert done.sign_count is verdict
    assert done.record.sign_count == ahead.sign_count


@pytest.mark.parametrize(
    ("registered", "rule", "accepted"),
    [
        (None, "refuse", True),
        (True, "refuse", True),
        (False, "refuse", False),
        (False, "allow-upgrade", True),
        (False, "report", True),
    ],
)
def test_an_authenticator_that_has_become_synced(record, registered, rule, accepted):
    authenticator = SoftwareAuthenticator(backup_eligible=True, backup_state=True)
    browser = EmulatedBrowser("https://example.org", authenticator)
    begun = RP.begin_registration(ADA)
    record = RP.finish_registration(begun.state, browser.create(begun.options.to_json())).record
    rp = RelyingParty(id="example.org", policy=Policy(eligibility_change=rule))
    record = replace(record, backup_eligible=registered)
    begun = rp.begin_authentication(user=ADA, records=[record])
    body = browser.get(begun.options.to_json())
    if not accepted:
        with pytest.raises(Refused) as caught:
            rp.finish_authentication(begun.state, body, record)
        assert caught.value.code is Code.BACKUP_ELIGIBILITY_CHANGED
        return
    done = rp.finish_authentication(begun.state, body, record)
    assert done.eligibility_changed is (registered is False)
    assert done.record.backup_eligible is True
