"""PG-13 to PG-16: what callers of pg-webauthn expect when something is wrong: NULL, or SQLSTATE and constraint name."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from postgres.databases import ADA, Caller, browser

if TYPE_CHECKING:
    from unlatch.testing import EmulatedBrowser

CHECK, UNIQUE = "23514", "23505"


def changed(response: dict[str, Any], **client_data: Any) -> dict[str, Any]:
    """The response with other members in its client data."""
    text = response["response"]["clientDataJSON"]
    members = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))) | client_data
    other = urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()
    return {**response, "response": {**response["response"], "clientDataJSON": other}}


def with_member(response: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**response, "response": {**response["response"], **members}}


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture
def laptop(caller: Caller) -> EmulatedBrowser:
    """Ada's, registered."""
    laptop = browser(counter=0)
    caller.sign_up(laptop)
    return laptop


def test_pg_13_what_is_unknown_is_null(caller: Caller, laptop: EmulatedBrowser) -> None:
    stranger = browser()
    elsewhere = stranger.create(caller.begin_sign_up())
    caller.connection.execute(
        "DELETE FROM webauthn.credential_challenges AS c WHERE challenge <> ALL "
        "(SELECT challenge FROM webauthn.credentials)"
    )
    assert caller.store(elsewhere) is None
    assert caller.last_error() == ("ceremony_unknown", "registration.options")

    answer = laptop.get(caller.begin_sign_in())
    assert caller.verify(changed(answer, challenge=text(bytes(32)))) is None
    assert caller.last_error() == ("ceremony_unknown", "authentication.options")
    assert caller.verify({**answer, "id": text(b"nobody's")}) is None
    assert caller.last_error() == ("credential_unknown", "authentication.user")
    assert caller.verify(answer) == ADA
    assert caller.last_error() == (None, None)


def test_pg_13_a_hijack_is_null(caller: Caller, laptop: EmulatedBrowser) -> None:
    """Eve signs in with her own passkey where Ada was asked for."""
    eves = browser()
    caller.sign_up(eves, name="eve", user_id=b"handle-of-eve")
    options = caller.begin_sign_in("ada")
    answer = eves.get({**options, "allowCredentials": []})
    assert caller.verify(answer) is None
    assert caller.verify(with_member(answer, userHandle=None)) is None
    assert caller.last_error() == ("credential_of_another_user", "authentication.user")
    assert caller.value("SELECT count(*) FROM webauthn.assertions") == 0


def test_pg_14_everything_once(caller: Caller, laptop: EmulatedBrowser) -> None:
    options = caller.begin_sign_up()
    challenge = urlsafe_b64decode(options["challenge"] + "=")
    again = {"challenge": challenge}
    assert caller.refusal(caller.begin_sign_up, **again) == (UNIQUE, "credential_challenges_pkey")
    other = browser()
    response = other.create(options)
    assert caller.store(response) == ADA
    assert caller.refusal(caller.store, response) == (UNIQUE, "credentials_pkey")
    assert caller.last_error() == ("credential_already_registered", "registration.credential-not-registered")
    # Another credential for the challenge that is used up.
    assert caller.refusal(caller.store, browser().create(options)) == (UNIQUE, "credentials_challenge_key")

    request = caller.begin_sign_in()
    again = {"challenge": urlsafe_b64decode(request["challenge"] + "=")}
    assert caller.refusal(caller.begin_sign_in, **again) == (UNIQUE, "assertion_challenges_pkey")
    answer = laptop.get(request)
    assert caller.verify(answer) == ADA
    assert caller.refusal(caller.verify, answer) == (UNIQUE, "assertions_pkey")
    assert caller.last_error() == ("ceremony_used", "authentication.options")
    assert caller.refusal(caller.verify, laptop.get(request)) == (UNIQUE, "assertions_challenge_key")
    assert caller.value("SELECT count(*) FROM webauthn.assertions") == 1


@pytest.mark.parametrize(("seconds", "possible"), [(29.999, False), (30, True), (600, True), (600.001, False)])
def test_pg_2_and_pg_4_timeouts(caller: Caller, seconds: float, possible: bool) -> None:
    timeout = timedelta(seconds=seconds)
    if possible:
        assert caller.begin_sign_up(timeout=timeout)["timeout"] == seconds * 1000
        assert caller.begin_sign_in(timeout=timeout)["timeout"] == seconds * 1000
    else:
        assert caller.refusal(caller.begin_sign_up, timeout=timeout) == (CHECK, "reasonable_timeout")
        assert caller.refusal(caller.begin_sign_in, timeout=timeout) == (CHECK, "reasonable_timeout")


def test_pg_15_life_spans(caller: Caller, laptop: EmulatedBrowser) -> None:
    """The last moment is inside, the end is not."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    end = begun + timedelta(minutes=1)
    span = {"timeout": timedelta(minutes=1), "challenge_at": begun}
    response = browser().create(caller.begin_sign_up(**span))
    assert caller.refusal(caller.store, response, credential_at=end) == (CHECK, "credential_before_timeout")
    assert caller.last_error() == ("ceremony_expired", "registration.options")
    assert caller.store(response, credential_at=end - timedelta(milliseconds=1)) == ADA
    answer = laptop.get(caller.begin_sign_in(**span))
    assert caller.refusal(caller.verify, answer, verified_at=end) == (CHECK, "verified_before_timeout")
    assert caller.last_error() == ("ceremony_expired", "authentication.options")
    assert caller.verify(answer, verified_at=end - timedelta(milliseconds=1)) == ADA


def test_pg_15_registrations(caller: Caller) -> None:
    response = browser().create(caller.begin_sign_up())
    refused = {
        "attestation_object_credential_id": {**response, "id": text(b"another")},
        "client_data_json_type": changed(response, type="webauthn.get"),
    }
    for name, wrong in refused.items():
        assert caller.refusal(caller.store, wrong) == (CHECK, name)
    unverified = browser(user_verified=False)
    options = caller.begin_sign_up(user_verification="required")
    response = unverified.create({**options, "authenticatorSelection": {"userVerification": "preferred"}})
    assert caller.refusal(caller.store, response) == (CHECK, "user_verified_or_not_required")
    assert caller.last_error() == ("user_not_verified", "registration.user-verification")


def test_pg_15_sign_ins(caller: Caller, laptop: EmulatedBrowser) -> None:
    answer = laptop.get(caller.begin_sign_in())
    refused = {
        "client_data_json_type": changed(answer, type="webauthn.create"),
        "user_handle_equal_or_null": with_member(answer, userHandle=text(b"handle-of-eve")),
        "verified_signature": laptop.get(caller.begin_sign_in(), fault="authentication.signature.first-bit"),
    }
    for name, wrong in refused.items():
        assert caller.refusal(caller.verify, wrong) == (CHECK, name)
    assert caller.last_error() == ("signature_invalid", "authentication.signature")
    laptop.authenticator.user_verified = False
    options = caller.begin_sign_in(user_verification="required")
    answer = laptop.get({**options, "userVerification": "preferred"})
    assert caller.refusal(caller.verify, answer) == (CHECK, "user_verified_or_not_required")


def test_pg_15_the_first_name_counts(caller: Caller, laptop: EmulatedBrowser) -> None:
    """PostgreSQL tests CHECKs in the order of their names, so callers know that order."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    laptop.authenticator.user_verified = False
    span = {"timeout": timedelta(minutes=1), "challenge_at": begun}
    options = caller.begin_sign_in(user_verification="required", **span)
    wrong = changed(
        laptop.get({**options, "userVerification": "preferred"}), type="webauthn.create", origin="https://evil.org"
    )
    wrong = with_member(wrong, userHandle=text(b"eve"))
    order = []

    def note(answer: dict[str, Any]) -> None:
        order.append(caller.refusal(caller.verify, answer)[1])

    note(wrong)
    note(wrong := changed(wrong, type="webauthn.get"))
    note(wrong := with_member(wrong, userHandle=None))
    caller.connection.execute("UPDATE webauthn.assertion_challenges SET user_verification = 'preferred'")
    note(wrong)
    caller.connection.execute("UPDATE webauthn.assertion_challenges SET challenge_at = now()")
    note(wrong)
    note(changed(wrong, origin="https://example.org"))
    assert order == [
        "client_data_json_type",
        "user_handle_equal_or_null",
        "user_verified_or_not_required",
        "verified_before_timeout",
        "origin_not_expected",
        "verified_signature",
    ]
    assert order[:4] == sorted(order[:4])


def test_an_empty_user_handle_is_none(caller: Caller, laptop: EmulatedBrowser) -> None:
    """PG-11."""
    answer = laptop.get(caller.begin_sign_in())
    assert caller.verify(with_member(answer, userHandle="")) == ADA
    assert caller.value("SELECT user_handle FROM webauthn.assertions") is None


def test_pg_16_what_cannot_be_read(caller: Caller, laptop: EmulatedBrowser) -> None:
    response = browser().create(caller.begin_sign_up())
    answer = laptop.get(caller.begin_sign_in())
    for member in ("clientDataJSON", "attestationObject"):
        assert (
            caller.refusal(caller.store, with_member(response, **{member: "!" + response["response"][member]}))[0]
            == "22023"
        )
        assert caller.last_error() == ("malformed_base64url", None)
    for member in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        assert (
            caller.refusal(caller.verify, with_member(answer, **{member: answer["response"][member] + "="}))[0]
            == "22023"
        )
    assert caller.refusal(caller.verify, with_member(answer, clientDataJSON=text(b'{"type"')))[0] == "22P02"
    assert caller.last_error() == ("malformed_json", None)
    assert caller.refusal(caller.verify, with_member(answer, clientDataJSON=text(b"\xff")))[0] == "22021"
    assert caller.refusal(caller.store, with_member(response, attestationObject="oA"))[0] == "WA003"
    assert caller.refusal(caller.verify, with_member(answer, authenticatorData="AA"))[0] == "WA003"
    assert caller.last_error() == ("malformed_authenticator_data", None)
    assert caller.refusal(caller.value, "SELECT 'password'::webauthn.credential_type")[0] == "22P02"


def test_no_point_in_time(caller: Caller, laptop: EmulatedBrowser) -> None:
    response = browser().create(caller.begin_sign_up())
    answer = laptop.get(caller.begin_sign_in())
    for never in ("-infinity", "infinity"):
        assert caller.refusal(caller.store, response, credential_at=never) == ("22023", None)
        assert caller.refusal(caller.verify, answer, verified_at=never) == ("22023", None)
    assert caller.verify(answer) == ADA


def test_pg_1_the_enumerations(caller: Caller) -> None:
    query = "SELECT array_agg(e::text) FROM unnest(enum_range(NULL::webauthn.{})) AS e"
    for name, values in {
        "credential_type": ["public-key"],
        "user_verification_requirement": ["required", "preferred", "discouraged"],
        "attestation_conveyance_preference": ["none", "indirect", "direct", "enterprise"],
    }.items():
        assert caller.value(query.format(name)) == values


def test_nothing_is_configured(caller: Caller) -> None:
    caller.connection.execute("DELETE FROM webauthn.config")
    assert caller.refusal(caller.begin_sign_up) == ("55000", None)
    assert caller.refusal(caller.begin_sign_in, relying_party_id="example.com") == ("55000", None)
    assert caller.value("SELECT webauthn.get_credential_creation_options(%s)", secrets.token_bytes(32)) is None


def test_a_user_id_that_no_browser_takes(caller: Caller) -> None:
    for user_id in (b"", bytes(65)):
        assert caller.refusal(caller.begin_sign_up, user_id=user_id) == ("22023", None)
    assert caller.begin_sign_up(user_id=bytes(64))


def test_whatever_happens_it_is_not_called_accepted(caller: Caller, laptop: EmulatedBrowser) -> None:
    answer = laptop.get(caller.begin_sign_in())
    assert caller.sign_in(laptop) == ADA
    assert caller.last_error() == (None, None)
    nested = text(b'{"type":' + b"[" * 30_000)
    assert caller.refusal(caller.verify, with_member(answer, clientDataJSON=nested))[0] == "54001"
    assert caller.last_error() == ("malformed_json", None)
    connection = caller.connection
    connection.execute("CREATE ROLE half_allowed; GRANT USAGE ON SCHEMA webauthn TO half_allowed")
    connection.execute("GRANT EXECUTE ON ALL ROUTINES IN SCHEMA webauthn TO half_allowed")
    connection.execute("GRANT ALL ON SEQUENCE webauthn.last_error_number TO half_allowed; SET ROLE half_allowed")
    assert caller.refusal(caller.verify, answer)[0] == "42501"
    assert caller.last_error() == ("misconfigured", None)
    connection.execute("RESET ROLE")
    # A cancelled statement is seen by no handler.
    connection.execute(
        "CREATE FUNCTION pg_temp.wait() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN PERFORM pg_sleep(9); RETURN NEW; END $$"
    )
    connection.execute("CREATE TRIGGER wait BEFORE INSERT ON webauthn.assertions EXECUTE FUNCTION pg_temp.wait()")
    connection.execute("SET statement_timeout = '300ms'")
    assert caller.refusal(caller.sign_in, laptop)[0] == "57014"
    connection.execute("RESET statement_timeout")
    assert caller.last_error() == ("store_unavailable", None)
