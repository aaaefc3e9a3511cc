"""What pg-webauthn did wrong (the eight defects), and the switch that gives each leniency back."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from postgres.databases import ADA, ORIGIN, RP_ID, Caller, browser, pem
from postgres.test_refusals import CHECK, changed, text, with_member
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

if TYPE_CHECKING:
    from collections.abc import Callable

    from unlatch.postgres.script import Backend


def test_defect_1_counters_beyond_31_bits(caller: Caller) -> None:
    """It gave -2147483648 and -1."""
    laptop = browser(counter=0x7FFFFFFF)
    caller.sign_up(laptop)
    for count in (0x80000000, 0xFFFFFFFE, 0xFFFFFFFF):
        laptop.authenticator.credentials[0].sign_count = count - 1
        caller.sign_in(laptop)
        assert caller.value("SELECT max(sign_count) FROM webauthn.assertions") == count
        assert caller.value("SELECT sign_count FROM webauthn.credential_uses") == count


def test_defect_2_extension_data_in_an_assertion(caller: Caller) -> None:
    """Only the first 37 bytes were verified."""
    laptop = browser()
    caller.sign_up(laptop)
    options = caller.begin_sign_in()
    answer = laptop.get({**options, "extensions": {"uvm": True}})
    assert caller.verify(answer) == ADA
    assert caller.value("SELECT extension_data_included FROM webauthn.assertions")
    assert caller.value("SELECT length(authenticator_data) FROM webauthn.assertions") > 37


def _elsewhere(laptop: EmulatedBrowser, **page: Any) -> EmulatedBrowser:
    """The same authenticator on another page."""
    return EmulatedBrowser(page.pop("origin", ORIGIN), laptop.authenticator, **page)


def _other_rp_id(laptop: EmulatedBrowser) -> EmulatedBrowser:
    laptop.authenticator.credentials[0].rp_id = "www.example.org"
    return EmulatedBrowser("https://www.example.org", laptop.authenticator)


#: Defect -> the page that answers, what is changed in the options, the code, and what gives the leniency back.
UNCHECKED: dict[str, tuple[Callable[[EmulatedBrowser], EmulatedBrowser], dict[str, Any], str, list[str]]] = {
    "origin": (lambda b: _elsewhere(b, origin="https://www.example.org"), {}, "origin_not_expected", ["origin"]),
    "rp_id_hash": (_other_rp_id, {"rpId": "www.example.org"}, "rp_id_hash_mismatch", ["rp_id_hash", "origin"]),
    "frame": (lambda b: _elsewhere(b, cross_origin=True), {}, "cross_origin_not_expected", ["framing"]),
    "top_origin": (
        lambda b: _elsewhere(b, top_origin="https://example.com"),
        {},
        "cross_origin_not_expected",
        ["framing"],
    ),
}


@pytest.mark.parametrize("name", UNCHECKED)
def test_defect_3_what_was_stored_but_never_checked(caller: Caller, name: str) -> None:
    page, other_options, code, leniency = UNCHECKED[name]
    laptop = browser()
    caller.sign_up(laptop)
    other = page(laptop)
    if name == "rp_id_hash":
        caller.configure(compat=["origin"])
    answer = other.get({**caller.begin_sign_in(), **other_options})
    assert caller.refusal(caller.verify, answer) == (CHECK, code)
    assert caller.last_error()[0] == code
    caller.configure(compat=leniency)
    assert caller.verify(answer) == ADA


def test_defect_3_user_presence(caller: Caller) -> None:
    laptop = browser()
    caller.sign_up(laptop)
    laptop.authenticator.user_present = False
    answer = laptop.get(caller.begin_sign_in())
    assert caller.refusal(caller.verify, answer) == (CHECK, "user_not_present")
    caller.configure(compat=["user_presence"])
    assert caller.verify(answer) == ADA


def test_frames_that_are_expected(caller: Caller) -> None:
    laptop = browser()
    caller.sign_up(laptop)
    caller.configure(allow_cross_origin=True, top_origins=["https://example.com"])
    framed = _elsewhere(laptop, top_origin="https://example.com")
    assert caller.verify(framed.get(caller.begin_sign_in())) == ADA
    framed = _elsewhere(laptop, top_origin="https://evil.org")
    answer = framed.get(caller.begin_sign_in())
    assert caller.refusal(caller.verify, answer) == (CHECK, "top_origin_not_expected")


def test_defect_4_credentials_belong_to_a_relying_party(caller: Caller) -> None:
    caller.connection.execute(
        "INSERT INTO webauthn.config (relying_party_id, origins, is_default) "
        "VALUES ('example.com', '{https://example.com}', false)"
    )
    here, there = browser(), EmulatedBrowser("https://example.com", SoftwareAuthenticator(algorithms=(-7,)))
    caller.sign_up(here)
    caller.sign_up(there, relying_party_id="example.com")
    asked = {rp_id: caller.begin_sign_in(relying_party_id=rp_id) for rp_id in (RP_ID, "example.com", None)}
    for rp_id, owner in ((RP_ID, here), ("example.com", there), (None, here)):
        ids = [item["id"] for item in asked[rp_id]["allowCredentials"]]
        assert ids == [text(owner.authenticator.credentials[0].id)]
        assert asked[rp_id]["rpId"] == (rp_id or RP_ID)
    # And a credential of one is unknown to the other.
    answer = there.get({**caller.begin_sign_in(relying_party_id="example.com")})
    challenge = caller.begin_sign_in(relying_party_id=RP_ID)["challenge"]
    assert caller.verify(changed(answer, challenge=challenge)) is None
    assert caller.last_error() == ("credential_unknown", "authentication.user")
    caller.configure(compat=["relying_party"])
    assert len(caller.begin_sign_in()["allowCredentials"]) == 2


def test_defect_5_somebody_must_say_who_it_is(caller: Caller) -> None:
    laptop = browser()
    caller.sign_up(laptop)
    answer = with_member(laptop.get(caller.begin_sign_in(None)), userHandle=None)
    assert caller.refusal(caller.verify, answer) == (CHECK, "user_handle_missing")
    assert caller.last_error() == ("user_handle_missing", "authentication.user")
    caller.configure(compat=["user_handle"])
    assert caller.verify(answer) == ADA


def test_defect_6_a_counter_that_goes_back(caller: Caller) -> None:
    laptop = browser(counter=7)
    caller.sign_up(laptop)
    assert caller.sign_in(laptop) == ADA
    laptop.authenticator.credentials[0].sign_count = 6
    answer = laptop.get(caller.begin_sign_in())
    assert caller.refusal(caller.verify, answer) == (CHECK, "sign_count_regressed")
    laptop.authenticator.counter = None  # which says 0
    answer = laptop.get(caller.begin_sign_in())
    assert caller.refusal(caller.verify, answer) == (CHECK, "sign_count_regressed")
    laptop.authenticator.counter = 7
    for leniency in ({"compat": ["sign_count"]}, {"compat": [], "counter_regression": "ignore"}):
        caller.configure(**leniency)
        laptop.authenticator.credentials[0].sign_count = 6
        assert caller.sign_in(laptop) == ADA
    # What the next one is measured by did not go down.
    assert caller.value("SELECT sign_count FROM webauthn.credential_uses") == 8


def test_defect_7_algorithms(caller: Caller, backend: Backend) -> None:
    """It knew ES256 alone, and did not look at the key's own parameters."""
    for algorithm in (-7, -8, -257) if backend == "sql" else (-7, -8, -257, -35, -36, -37, -48, -53):
        assert caller.sign_in(_registered(caller, algorithm)) == ADA
    caller.configure(algorithms=[-8])
    assert [item["alg"] for item in caller.begin_sign_up()["pubKeyCredParams"]] == [-8]
    response = browser().create({**caller.begin_sign_up(), "pubKeyCredParams": [{"type": "public-key", "alg": -7}]})
    assert caller.refusal(caller.store, response) == (CHECK, "algorithm_not_offered")


def _registered(caller: Caller, algorithm: int) -> EmulatedBrowser:
    laptop = browser(algorithms=(algorithm,))
    assert caller.sign_up(laptop) == ADA
    # In `allowCredentials` stand all of Ada's; the browser has one.
    return laptop


def test_defect_7_attestation(caller: Caller, backend: Backend) -> None:
    response = browser(attestation="packed-self").create(
        caller.begin_sign_up(attestation="direct"), fault="registration.attestation-statement.packed-signature-flipped"
    )
    assert caller.refusal(caller.store, response) == (CHECK, "attestation_signature_invalid")
    assert caller.last_error() == ("attestation_signature_invalid", "registration.attestation-statement")
    caller.configure(compat=["attestation"])
    assert caller.store(response) == ADA
    caller.configure(compat=[], required_trust="anchored")
    response = browser(attestation="packed-self").create(caller.begin_sign_up(attestation="direct"))
    if backend == "plpython":  # which asks for anchors before it can be asked for trust
        caller.configure(trust_anchors=[pem(browser(attestation="packed").authenticator.trust_anchors[0])])
    assert caller.refusal(caller.store, response) == (CHECK, "attestation_not_allowed")


def test_defect_7_permitted_models(caller: Caller) -> None:
    caller.configure(permitted_aaguids=["00112233-4455-6677-8899-aabbccddeeff"])
    response = browser().create(caller.begin_sign_up())
    assert caller.refusal(caller.store, response) == (CHECK, "aaguid_not_allowed")
    model = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert caller.sign_up(browser(aaguid=model, attestation="packed-self"), attestation="direct") == ADA


def test_defect_7_backup_flags(caller: Caller) -> None:
    phone = browser(backup_eligible=True, backup_state=False)
    caller.sign_up(phone)
    assert caller.value("SELECT backup_eligible AND NOT backup_state FROM webauthn.credentials")
    phone.authenticator.backup_state = True
    assert caller.sign_in(phone) == ADA
    assert caller.value("SELECT backup_state FROM webauthn.credential_uses")
    phone.authenticator.backup_eligible = phone.authenticator.backup_state = False
    answer = phone.get(caller.begin_sign_in())
    assert caller.refusal(caller.verify, answer) == (CHECK, "backup_eligibility_changed")
    caller.configure(compat=["backup"])
    assert caller.verify(answer) == ADA
    caller.configure(compat=[], backup="forbidden")
    response = browser(backup_eligible=True).create(caller.begin_sign_up())
    assert caller.refusal(caller.store, response) == (CHECK, "backup_not_allowed")


def test_defect_7_transports_and_exclusions(caller: Caller) -> None:
    laptop = browser(transports=("internal", "hybrid"))
    response = laptop.create(caller.begin_sign_up())
    assert caller.store(response, transports=response["response"]["transports"]) == ADA
    expected = [{"type": "public-key", "id": response["id"], "transports": ["internal", "hybrid"]}]
    assert caller.begin_sign_in()["allowCredentials"] == expected
    assert caller.begin_sign_up()["excludeCredentials"] == expected
    # Another user's are no reason to be excluded.
    assert caller.begin_sign_up("eve", b"handle-of-eve")["excludeCredentials"] == []
    caller.configure(compat=["options"])
    assert caller.begin_sign_in()["allowCredentials"] == [{"type": "public-key", "id": response["id"]}]
    assert "excludeCredentials" not in caller.begin_sign_up()


def test_challenges_that_could_be_guessed_or_would_never_end(caller: Caller) -> None:
    """It took the empty one, and one from the far future."""
    challenges = [{"challenge": bytes(length)} for length in (0, 15, 1025)]
    soon = datetime.now(UTC) + timedelta(minutes=2)
    for begin in (caller.begin_sign_up, caller.begin_sign_in):
        for wrong in (*challenges, *({"challenge_at": at} for at in ("infinity", "-infinity", soon))):
            assert caller.refusal(begin, **wrong) == ("22023", None)
        begin(challenge=secrets.token_bytes(16), challenge_at=soon - timedelta(seconds=90))
        assert caller.refusal(begin, challenge_at=None)[0] == "23502"


def test_pg_8_options_for_another_device(caller: Caller) -> None:
    challenge = secrets.token_bytes(32)
    options = caller.begin_sign_up(challenge=challenge, require_resident_key=True)
    again = caller.call("get_credential_creation_options", challenge=challenge)
    assert again == {"publicKey": options}
    assert options["authenticatorSelection"] == {
        "requireResidentKey": True,
        "residentKey": "required",
        "userVerification": "preferred",
    }


def test_pg_17_rows_that_are_swept(caller: Caller) -> None:
    """It kept every row for ever."""
    laptop = browser(counter=0)
    caller.sign_up(laptop)
    caller.begin_sign_up()
    answer = laptop.get(caller.begin_sign_in())
    caller.verify(answer)
    caller.begin_sign_in()
    prune = "SELECT * FROM webauthn.prune(%s)"
    assert caller.connection.execute(prune, [timedelta(0)]).fetchone() == (0, 0, 0)
    for table in ("credential_challenges", "assertion_challenges"):
        caller.connection.execute(f"UPDATE webauthn.{table} SET challenge_at = challenge_at - interval '1 day'")
    assert caller.connection.execute(prune, [timedelta(days=1)]).fetchone() == (0, 0, 0)
    assert caller.connection.execute(prune, [timedelta(hours=1)]).fetchone() == (1, 2, 1)
    # What is gone cannot come back, and the counter is still known.
    assert caller.verify(answer) is None
    laptop.authenticator.credentials[0].sign_count = 0
    answer = laptop.get(caller.begin_sign_in())
    assert caller.refusal(caller.verify, answer) == (CHECK, "sign_count_regressed")


@pytest.mark.parametrize(
    "column",
    [
        "algorithms = '{-257,NULL}'",
        "algorithms = '{}'",
        "top_origins = '{NULL}'",
        "trust_anchors = '{NULL}'",
        "permitted_aaguids = '{00000000-0000-0000-0000-000000000001,NULL}'",
    ],
)
def test_a_list_that_would_let_everything_pass(caller: Caller, column: str) -> None:
    """Nothing is unequal to NULL, so a NULL among the permitted ones would permit all."""
    state, name = caller.refusal(caller.value, f"UPDATE webauthn.config SET {column} RETURNING 1")
    assert (state, name) == (CHECK, "some_algorithms" if column.endswith("'{}'") else "no_nulls")
