"""What a ceremony is begun with: bad arguments say what to change, and options and state say the same."""

from typing import Any

import pytest

from honest import (
    CHALLENGE,
    NOW,
    RP_ID,
    USER,
    authentication_body,
    authentication_state,
    record,
    registration_body,
    registration_state,
    relying_party,
)
from unlatch import Misconfigured, UserEntity
from unlatch.ceremonies.authentication import finish_authentication
from unlatch.terms import Attachment, ResidentKey, UserVerification
from unlatch.wire.responses import AuthenticationResponse


def begin_advice(kind: str, **arguments: Any) -> str:
    rp = relying_party()
    if kind == "registration":
        begin, arguments = rp.begin_registration, {"user": USER} | arguments
    else:
        begin = rp.begin_authentication
    with pytest.raises(Misconfigured) as caught:
        begin(**arguments)
    return str(caught.value)


BOTH = pytest.mark.parametrize("kind", ["registration", "authentication"])


def test_what_the_options_of_a_sign_in_say() -> None:
    begun = relying_party().begin_authentication(timeout=60)
    told = begun.options.to_json()
    assert (told["rpId"], told["timeout"], told["allowCredentials"]) == (RP_ID, 60_000, [])


def test_another_factor_is_never_assumed() -> None:
    """Neither by the method nor by the function that it calls."""
    fresh, state = record(uv_initialized=False), authentication_state()
    response = AuthenticationResponse.from_json(authentication_body())
    done = finish_authentication(relying_party(), state, response, fresh, now=NOW)
    assert (done.user_verified, done.record.uv_initialized) == (True, False)
    assert not relying_party().finish_authentication(state, response, fresh, now=NOW).record.uv_initialized


@BOTH
def test_arguments_of_both(kind: str) -> None:
    for challenge in (b"", bytes(15), bytes(1025), "x" * 32, bytearray(32)):
        assert begin_advice(kind, challenge=challenge) == (
            "A challenge is 16 to 1024 random bytes; leave it out to have one made."
        )
    assert begin_advice(kind, timeout=10) == "The timeout 10 is not 30 to 600 whole seconds."
    assert begin_advice(kind, user_verification="always") == (
        "user_verification='always' is not one of 'required', 'preferred', 'discouraged'."
    )
    assert begin_advice(kind, mediation="modal") == (
        "mediation='modal' is not one of 'silent', 'optional', 'conditional', 'required'."
    )
    assert begin_advice(kind, hints="hybrid") == "hints is a list of strings, not 'hybrid'."
    assert begin_advice(kind, now=NOW.replace(tzinfo=None)) == (
        "now= is a time without a time zone; pass datetime.now(UTC) or leave it out."
    )
    assert begin_advice(kind, session=b"s") == "session= is text or None, not bytes."


@pytest.mark.parametrize("length", [16, 1024])
def test_challenges_at_the_bounds(length: int) -> None:
    rp = relying_party()
    assert rp.begin_registration(USER, challenge=bytes(length)).options.challenge == bytes(length)
    assert rp.begin_authentication(challenge=bytes(length)).options.challenge == bytes(length)


def test_arguments_of_a_registration() -> None:
    assert begin_advice("registration", resident_key="maybe").startswith("resident_key='maybe' is not one of ")
    assert begin_advice("registration", attachment="usb").startswith("attachment='usb' is not one of ")
    for user in ("ada", b"ada", None, {"id": b"ada"}):
        assert begin_advice("registration", user=user) == (
            f"user= is a UserEntity with the account's user handle and names, not {user!r}."
        )
    assert begin_advice("registration", mediation="conditional", user_verification="required") == (
        "Conditional create cannot verify the user: browsers refuse it. Do not require it."
    )


def test_arguments_of_an_authentication() -> None:
    assert begin_advice("authentication", user="ada") == (
        "user= is a UserEntity, a user handle (bytes) or None, not 'ada'."
    )
    assert begin_advice("authentication", records=[record()]) == (
        "Records were given without the user that they belong to; pass user= as well."
    )
    assert begin_advice("authentication", user=b"somebody else", records=[record()]) == (
        "A record belongs to another user than the one who is to sign in."
    )


def test_finish_wants_an_aware_time() -> None:
    rp, naive = relying_party(), NOW.replace(tzinfo=None)
    with pytest.raises(Misconfigured, match="time zone"):
        rp.finish_registration(registration_state(), registration_body(), now=naive)
    with pytest.raises(Misconfigured, match="time zone"):
        rp.finish_authentication(authentication_state(), authentication_body(), record(), now=naive)


# Options of a ceremony


def test_each_ceremony_has_its_own_challenge() -> None:
    rp = relying_party()
    challenges = {rp.begin_registration(USER).options.challenge for _ in range(20)}
    challenges |= {rp.begin_authentication().options.challenge for _ in range(20)}
    assert len(challenges) == 40
    assert {len(challenge) for challenge in challenges} == {32}


def test_creation_options_say_what_is_verified() -> None:
    rp = relying_party(
        algorithms=[-7], user_verification="required", timeout=60, attachment="platform", hints=["client-device"]
    )
    begun = rp.begin_registration(USER, exclude=[record(transports=("usb",))], challenge=CHALLENGE, now=NOW)
    form = begun.options.to_json()
    assert form["rp"] == {"id": RP_ID, "name": "Example"}
    assert form["timeout"] == 60_000
    assert form["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
        "authenticatorAttachment": "platform",
    }
    assert form["hints"] == ["client-device"]
    assert form["excludeCredentials"] == [record(transports=("usb",)).descriptor.to_json()]
    assert begun.state.algorithms == begun.options.algorithms == (-7,)
    assert begun.state.challenge == begun.options.challenge == CHALLENGE
    assert begun.state.user_verification is begun.options.user_verification
    assert (begun.state.expires_at - begun.state.created_at).total_seconds() * 1000 == begun.options.timeout


def test_a_ceremony_may_ask_otherwise_than_the_policy() -> None:
    rp = relying_party(attachment="platform", hints=["client-device"])
    begun = rp.begin_registration(
        USER,
        user_verification="discouraged",
        resident_key="discouraged",
        attachment="cross-platform",
        hints=[],
        timeout=600,
    )
    assert begun.options.user_verification is begun.state.user_verification is UserVerification.DISCOURAGED
    assert begun.options.resident_key is ResidentKey.DISCOURAGED
    assert begun.options.attachment is Attachment.CROSS_PLATFORM
    assert begun.options.hints == ()
    assert begun.options.timeout == 600_000


def test_request_options_say_what_is_verified() -> None:
    rp = relying_party()
    begun = rp.begin_authentication(
        user=USER,
        records=[record(transports=("internal",))],
        user_verification="required",
        timeout=60,
        hints=["hybrid"],
    )
    assert begun.options.allow_credentials == (record(transports=("internal",)).descriptor,)
    assert begun.state.allow_credentials == (record().id,)
    assert begun.state.user == USER
    assert begun.options.user_verification is begun.state.user_verification is UserVerification.REQUIRED
    assert begun.options.to_json()["hints"] == ["hybrid"]
    by_handle = rp.begin_authentication(user=USER.id, records=[record()])
    assert by_handle.state.user == UserEntity(USER.id, "")
