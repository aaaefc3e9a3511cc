"""Ceremonies finished with functions in place of stores (WA-2)."""

from dataclasses import replace

import pytest

from finishing import register
from honest import NOW, authentication_body, authentication_state, record, registration_body, registration_state
from honest import relying_party as party
from unlatch import Code, CredentialRefused, Malformed, Refused, finders

NOBODY = {}.get


def test_wa_2_what_the_finders_find():
    rp, asked = party(), []

    def find(credential_id):
        asked.append(credential_id)

    done = finders.finish_registration(rp, registration_state(rp), registration_body(), find_credential=find, now=NOW)
    assert asked == [done.record.id]
    stored = record()
    found = finders.finish_authentication(
        rp,
        authentication_state(rp),
        authentication_body(),
        find_credential={stored.id: stored}.get,
        find_user={stored.user_handle: "ada"}.get,
        now=NOW,
    )
    assert found.user_handle == stored.user_handle
    without = finders.finish_authentication(
        rp, authentication_state(rp), authentication_body(), find_credential={stored.id: stored}.get, now=NOW
    )
    assert without == found


def test_wa_2_a_credential_that_is_found_is_registered_already():
    rp, stored = party(), register().record
    with pytest.raises(CredentialRefused) as caught:
        finders.finish_registration(
            rp, registration_state(rp), registration_body(), find_credential=lambda _: stored, now=NOW
        )
    refusal = caught.value
    assert (refusal.code, refusal.step) == (
        Code.CREDENTIAL_ALREADY_REGISTERED,
        "registration.credential-not-registered",
    )


def test_wa_2_a_credential_or_user_that_is_not_found():
    rp, stored = party(), record()
    for arguments in (
        {"find_credential": NOBODY},
        {"find_credential": lambda _: stored, "find_user": NOBODY},
    ):
        with pytest.raises(CredentialRefused) as caught:
            finders.finish_authentication(rp, authentication_state(rp), authentication_body(), now=NOW, **arguments)
        assert (caught.value.code, caught.value.step) == (Code.CREDENTIAL_UNKNOWN, "authentication.user")


def test_wa_2_validators_run_first_and_may_change_what_is_judged():
    rp, seen = party(), []

    def other_challenge(state, response):
        seen.append("first")
        return replace(state, challenge=bytes(32)), response

    def look(state, response):
        seen.append(state.challenge)

    def refuse(state, response):
        raise CredentialRefused(Code.CREDENTIAL_NOT_ALLOWED, "registration.own-rule")

    def never(_):
        pytest.fail("a finder was asked")

    arguments = {"find_credential": never, "now": NOW}
    with pytest.raises(Refused, match="not be verified") as caught:
        finders.finish_registration(
            rp, registration_state(rp), registration_body(), validators=[other_challenge, look], **arguments
        )
    assert (caught.value.step, seen) == ("registration.challenge", ["first", bytes(32)])
    with pytest.raises(CredentialRefused) as caught:
        finders.finish_registration(
            rp, registration_state(rp), registration_body(), validators=[refuse, look], **arguments
        )
    assert (caught.value.step, len(seen)) == ("registration.own-rule", 2)
    stored = record()
    with pytest.raises(Refused) as caught:
        finders.finish_authentication(
            rp,
            authentication_state(rp),
            authentication_body(),
            find_credential=lambda _: stored,
            validators=[other_challenge],
            now=NOW,
        )
    assert caught.value.step == "authentication.challenge"
    with pytest.raises(Malformed):
        finders.finish_authentication(rp, authentication_state(rp), "{}", validators=[never], **arguments)
