"""The state of a ceremony: written down and read back whole, and bound to its ceremony alone."""

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honest import CHALLENGE, NOW, RP_ID, USER, authentication_state, registration_state
from unlatch.ceremonies.state import CeremonyState, hash_session
from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, Malformed, Misconfigured
from unlatch.terms import AttestationConveyance, CeremonyKind, Mediation, UserVerification
from unlatch.wire.options import UserEntity
from unlatch.wire.strict_json import MAX_BYTES

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(timezones=ZONES)
TEXTS = st.lists(st.text(max_size=20), max_size=3).map(tuple)
STATES = st.builds(
    CeremonyState,
    kind=st.sampled_from(CeremonyKind),
    challenge=st.binary(max_size=64),
    rp_id=st.text(max_size=20),
    origins=TEXTS,
    created_at=TIMES,
    expires_at=TIMES,
    allow_subdomains=st.booleans(),
    allow_cross_origin=st.booleans(),
    top_origins=TEXTS,
    mediation=st.none() | st.sampled_from(Mediation),
    user=st.none()
    | st.builds(UserEntity, st.binary(min_size=1, max_size=64), st.text(max_size=20), st.text(max_size=9)),
    algorithms=st.lists(st.integers(-70_000, 10), max_size=5).map(tuple),
    user_verification=st.sampled_from(UserVerification),
    attestation=st.sampled_from(AttestationConveyance),
    allow_credentials=st.lists(st.binary(max_size=64), max_size=3).map(tuple),
    extensions=st.dictionaries(st.text(max_size=9), st.booleans() | st.text(max_size=9), max_size=2),
    session_hash=st.none() | st.binary(max_size=32),
    purpose=st.none() | st.text(max_size=9),
)


def check(state: CeremonyState, **changes: Any) -> None:
    arguments = {"kind": CeremonyKind.REGISTRATION, "rp_id": RP_ID, "session": None, "now": NOW} | changes
    state.check(arguments.pop("kind"), arguments.pop("rp_id"), **arguments)


def refused(state: CeremonyState, **changes: Any) -> Code:
    with pytest.raises(CeremonyRefused) as caught:
        check(state, **changes)
    assert caught.value.step == "options"
    return caught.value.code


@given(STATES)
def test_round_trip(before: CeremonyState) -> None:
    text = before.to_json()
    assert "\n" not in text
    for form in (text, text.encode()):
        after = CeremonyState.from_json(form)
        assert after == before
        assert after.to_json() == text


@given(STATES, st.data())
def test_a_state_that_was_cut_off(before: CeremonyState, data: st.DataObject) -> None:
    text = before.to_json()
    with pytest.raises(Malformed):
        CeremonyState.from_json(text[: data.draw(st.integers(0, len(text) - 1))])


def test_a_state_cut_off_anywhere() -> None:
    text = authentication_state(user=USER).to_json()
    for end in range(len(text)):
        with pytest.raises(Malformed):
            CeremonyState.from_json(text[:end])


@given(STATES, st.data())
def test_any_change_gives_a_whole_state_or_a_refusal(before: CeremonyState, data: st.DataObject) -> None:
    changed = bytearray(before.to_json().encode())
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        after = CeremonyState.from_json(bytes(changed))
    except Malformed:
        return
    assert CeremonyState.from_json(after.to_json()) == after
    # Whatever a change turns it into, asking it gives an answer or a refusal.
    with contextlib.suppress(CeremonyRefused):
        check(after)


def form() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(registration_state(session="s", mediation="optional").to_json())
    return read


@pytest.mark.parametrize("name", form())
def test_every_member_is_needed(name: str) -> None:
    whole = form()
    del whole[name]
    with pytest.raises(Malformed) as caught:
        CeremonyState.from_json(json.dumps(whole))
    assert (caught.value.code, caught.value.path) == (Code.STATE, f"state.{name}")


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("v", [None, 0, 2, True, 1.0, "1"], Code.STATE),
        ("kind", [None, "payment", 1, [], {}], Code.STATE),
        ("challenge", [None, 1], Code.JSON_TYPE),
        ("challenge", ["A"], Code.BASE64URL),
        ("rpId", [None, 1, []], Code.STATE),
        ("origins", [None, "https://example.org", [1], {}], Code.STATE),
        ("createdAt", [None, 1, "", "now", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"], Code.STATE),
        ("expiresAt", [None, 1, "2026-01-01T00:00:00"], Code.STATE),
        ("allowSubdomains", [None, 0, 1, "true"], Code.STATE),
        ("allowCrossOrigin", [None, 0, 1, "true"], Code.STATE),
        ("topOrigins", [None, "x", [None]], Code.STATE),
        ("mediation", ["other", 1, []], Code.STATE),
        ("user", [1, "ada", []], Code.JSON_TYPE),
        ("user", [{}, {"id": "AQ"}], Code.JSON_MISSING),
        ("user", [{"id": "", "name": "", "displayName": ""}], Code.OPTIONS),
        ("algorithms", [None, -7, ["-7"], [True], [-7.0]], Code.STATE),
        ("userVerification", [None, "other", 1, []], Code.STATE),
        ("attestation", [None, "other"], Code.STATE),
        ("allowCredentials", [None, "AQ", [1]], Code.STATE),
        ("allowCredentials", [["A"]], Code.BASE64URL),
        ("extensions", [None, [], "x"], Code.STATE),
        ("session", [1, []], Code.JSON_TYPE),
        ("session", ["A"], Code.BASE64URL),
        ("later", [None, 1], Code.STATE),
    ],
)
def test_broken_states(name: str, values: list[Any], code: Code) -> None:
    for value in values:
        with pytest.raises(Malformed) as caught:
            CeremonyState.from_json(json.dumps(form() | {name: value}))
        assert caught.value.code is code, value
        assert caught.value.path.startswith(("state", "user.id"))
        if code is Code.BASE64URL:
            assert caught.value.path == f"state.{name}"


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("[]", Code.JSON_TYPE, "expected a JSON object"),
        (json.dumps(form() | {"kind": "payment"}), Code.STATE, "'payment' is not a valid CeremonyKind"),
        (json.dumps(form() | {"rpId": 1}), Code.STATE, "expected a string"),
    ],
)
def test_the_log_is_told_what_is_wrong(text: str, code: Code, detail: str) -> None:
    with pytest.raises(Malformed) as caught:
        CeremonyState.from_json(text)
    assert (caught.value.code, caught.value.path, caught.value.detail) == (code, "state", detail)


def test_a_state_larger_than_a_response_can_be_read() -> None:
    """A user with a hundred credentials with the longest ids must still be able to sign in."""
    state = replace(authentication_state(), allow_credentials=tuple(bytes((i,)) * 1023 for i in range(100)))
    assert len(state.to_json()) > MAX_BYTES
    assert CeremonyState.from_json(state.to_json()) == state


# What it is bound to


def test_kind() -> None:
    check(registration_state())
    check(authentication_state(), kind=CeremonyKind.AUTHENTICATION)
    assert refused(registration_state(), kind=CeremonyKind.AUTHENTICATION) is Code.CEREMONY_KIND
    assert refused(authentication_state(), kind=CeremonyKind.REGISTRATION) is Code.CEREMONY_KIND


def test_relying_party() -> None:
    assert refused(registration_state(), rp_id="example.com") is Code.CEREMONY_RELYING_PARTY
    assert refused(registration_state(), rp_id="www.example.org") is Code.CEREMONY_RELYING_PARTY


@pytest.mark.parametrize("begun", [None, "", "a", "b", "\ud800"])
@pytest.mark.parametrize("finished", [None, "", "a", "b", "\ud800"])
def test_session(begun: str | None, finished: str | None) -> None:
    state = registration_state(session=begun)
    if begun == finished:
        check(state, session=finished)
    else:
        assert refused(state, session=finished) is Code.CEREMONY_SESSION


def test_the_session_is_not_written_down() -> None:
    assert "secret cookie" not in registration_state(session="secret cookie").to_json()
    assert hash_session("secret cookie") == registration_state(session="secret cookie").session_hash
    assert hash_session(None) is None


@pytest.mark.parametrize("session", [b"bytes", 1, ["s"]])
def test_a_session_is_text(session: Any) -> None:
    with pytest.raises(Misconfigured, match=f"session= is text or None, not {type(session).__name__}"):
        hash_session(session)


MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("moment", "accepted"),
    [
        (NOW, True),
        (NOW - timedelta(seconds=60), True),
        (NOW - timedelta(seconds=60) - MICROSECOND, False),
        (NOW + timedelta(seconds=300) - MICROSECOND, True),
        (NOW + timedelta(seconds=300), False),
        (NOW + timedelta(days=1), False),
        (NOW.astimezone(timezone(timedelta(hours=14))), True),
        (datetime.min.replace(tzinfo=UTC), False),
        (datetime.max.replace(tzinfo=UTC), False),
    ],
)
def test_life_span_with_clock_skew(moment: datetime, accepted: bool) -> None:
    if accepted:
        check(registration_state(), now=moment)
    else:
        assert refused(registration_state(), now=moment) is Code.CEREMONY_EXPIRED


@pytest.mark.parametrize("seconds", [30, 31, 600])
def test_life_span_as_asked(seconds: int) -> None:
    state = registration_state(timeout=seconds)
    check(state, now=NOW + timedelta(seconds=seconds) - MICROSECOND)
    assert refused(state, now=NOW + timedelta(seconds=seconds)) is Code.CEREMONY_EXPIRED


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_times_at_the_end_of_time(moment: datetime) -> None:
    """A damaged state may say that it began in the year 1: a refusal, not an overflow."""
    for zone in (UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))):
        state = replace(registration_state(), created_at=moment.replace(tzinfo=zone), expires_at=NOW)
        assert refused(state) is Code.CEREMONY_EXPIRED


def test_a_registration_names_its_user() -> None:
    assert registration_state().check_registration(RP_ID, session=None, now=NOW) == USER
    nobody = replace(registration_state(), user=None)
    with pytest.raises(CeremonyRefused) as caught:
        nobody.check_registration(RP_ID, session=None, now=NOW)
    assert (caught.value.code, caught.value.step) == (Code.CEREMONY_KIND, "options")
    bound = registration_state(session="s")
    assert bound.check_registration(RP_ID, session="s", now=NOW) == USER
    with pytest.raises(CeremonyRefused) as caught:
        bound.check_registration(RP_ID, session=None, now=NOW)
    assert caught.value.code is Code.CEREMONY_SESSION


def test_what_begin_writes_down() -> None:
    state = authentication_state(user=USER, mediation="conditional", user_verification="required")
    assert state.challenge == CHALLENGE
    assert state.mediation is Mediation.CONDITIONAL
    assert state.user_verification is UserVerification.REQUIRED
    assert state.created_at == NOW
    assert registration_state(extensions={"credProps": True}).extensions == {"credProps": True}
