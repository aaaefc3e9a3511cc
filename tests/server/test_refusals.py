"""What is refused, how it is said outside, and what the log knows."""

import sqlite3

import pytest

from live_server import LiveServer, Person, problem
from unlatch.testing import FAULTS


def test_a_taken_name_is_refused_when_the_sign_up_begins(people, name):
    people().sign_up(name)
    for taken in (name, name.upper(), f" {name} ", name.replace("p", "\uff50")):
        answer = people().post("/v1/registration/options", {"username": taken})
        assert problem(answer) == (409, "username_taken")


def test_a_name_that_is_taken_in_the_meantime_is_refused_when_the_sign_up_ends(people, name):
    slow, fast = people(), people()
    body = slow.begin_sign_up(name)
    assert fast.sign_up(name).status_code == 201
    assert problem(slow.post("/v1/registration/verify", body)) == (409, "username_taken")
    assert slow.username() is None
    # Nothing of it is left: its passkey opens nothing.
    assert problem(slow.sign_in()) == (401, "not_verified")


def test_a_passkey_that_is_registered_already_makes_no_account(server, people, name, monkeypatch):
    person, other = people(), people()
    # Two authenticators that make the same credential id: no honest ones do.
    monkeypatch.setattr("unlatch.testing.authenticator.secrets.token_bytes", lambda length: name.encode().ljust(length))
    assert person.sign_up(name).status_code == 201
    assert problem(other.sign_up(f"{name}-other")) == (409, "credential_already_registered")
    assert other.username() is None
    # The name is still free: neither half of the account was made.
    monkeypatch.undo()
    assert other.sign_up(f"{name}-other").status_code == 201


@pytest.mark.parametrize(
    "username", ["", "   ", "a b", "a\tb", "a\u0000b", "a\u200bb", "\u202eevil", "x" * 65, "a\u2028b", "\u00ad"]
)
def test_a_name_that_cannot_be_used_is_refused_with_a_sentence(person, username):
    answer = person.post("/v1/registration/options", {"username": username})
    assert problem(answer) == (400, "username_invalid")
    assert answer.json()["detail"].endswith(".")


def test_signing_up_needs_to_be_signed_out_and_adding_needs_to_be_signed_in(person, name):
    assert problem(person.post("/v1/registration/options", {})) == (401, "not_signed_in")
    person.sign_up(name)
    answer = person.post("/v1/registration/options", {"username": f"{name}-2"})
    assert problem(answer) == (409, "already_signed_in")


def test_a_response_counts_once(person, name):
    body = person.begin_sign_up(name)
    assert person.post("/v1/registration/verify", body).status_code == 201
    person.sign_out()
    assert problem(person.post("/v1/registration/verify", body)) == (410, "ceremony_used")
    body = person.begin_sign_in()
    assert person.post("/v1/authentication/verify", body).status_code == 200
    assert problem(person.post("/v1/authentication/verify", body)) == (410, "ceremony_used")


def test_a_ceremony_is_used_up_by_a_failure(person, name):
    person.sign_up(name)
    body = person.begin_sign_in()
    wrong = {**body, "credential": {**body["credential"], "type": "password"}}
    assert problem(person.post("/v1/authentication/verify", wrong)) == (400, "malformed_credential_type")
    assert problem(person.post("/v1/authentication/verify", body)) == (410, "ceremony_used")


def test_what_one_browser_began_no_other_can_finish(people, name):
    person, other = people(), people()
    body = person.begin_sign_up(name)
    assert problem(other.post("/v1/registration/verify", body)) == (403, "ceremony_session")
    person.sign_up(name)
    body = person.begin_sign_in()
    other.begin("/v1/authentication/options", {})
    assert problem(other.post("/v1/authentication/verify", body)) == (401, "not_verified")
    assert other.username() is None


def test_a_session_cannot_finish_what_another_session_of_the_account_began(people, name):
    person, other = people(), people()
    person.sign_up(name)
    other.browser.authenticator = person.browser.authenticator
    other.sign_in()
    other.browser.authenticator = people().browser.authenticator
    body = other.begin_add()
    assert problem(person.post("/v1/registration/verify", body)) == (403, "ceremony_session")
    assert len(person.passkeys()) == 1


def test_signing_out_ends_what_the_session_began(people, name):
    person = people()
    person.sign_up(name)
    person.browser.authenticator = people().browser.authenticator
    body = person.begin_add()
    person.sign_out()
    assert problem(person.post("/v1/registration/verify", body)) == (403, "ceremony_session")


def test_a_ceremony_of_one_kind_cannot_be_finished_as_the_other(person, name):
    person.sign_up(name)
    begun = person.begin("/v1/authentication/options", {})
    person.sign_out()
    registering = person.begin_sign_up(f"{name}-2")
    answer = person.post("/v1/registration/verify", {**registering, "ceremony_id": begun["ceremony_id"]})
    assert problem(answer) == (400, "ceremony_kind")


def test_all_failures_to_sign_in_look_alike_outside_and_not_in_the_log(server, people, name):
    person, stranger = people(), people()
    person.sign_up(name)
    answers = {}
    names = [
        fault.name
        for fault in FAULTS
        if fault.ceremony == "authentication"
        and fault.step is not None
        # Judged after the signature, and told; and what this server's policy lets pass.
        and fault.step not in ("authentication.sign-count", "authentication.extensions")
    ]
    for fault in names:
        begun = person.begin("/v1/authentication/options", {})
        try:
            credential = person.browser.get(begun["options"], fault=fault)
        except ValueError:
            continue  # not for this authenticator or these options
        answers[fault] = person.post(
            "/v1/authentication/verify", {"ceremony_id": begun["ceremony_id"], "credential": credential}
        )
    assert len(answers) > 50
    # A passkey that this server has never seen.
    begun = stranger.begin("/v1/registration/options", {"username": f"{name}-stranger"})
    stranger.browser.create(begun["options"])
    answers["unknown"] = stranger.sign_in()
    seen = set()
    for fault, answer in answers.items():
        assert problem(answer) == (401, "not_verified"), fault
        document = answer.json()
        instance = document.pop("instance")
        head = {key: value for key, value in answer.headers.items() if key != "date"}
        seen.add((str(sorted(document.items())), str(sorted(head.items()))))
        evidence = server.event(instance)
        assert evidence["step"].startswith("authentication.")
        assert evidence["code"] != "not_verified"
    assert len(seen) == 1


def test_the_cookies_of_people_are_not_in_the_database(server, person, name):
    person.sign_up(name)
    tokens = [cookie.value for cookie in person.http.cookies.jar]
    assert len(tokens) == 2
    content = b"".join(path.read_bytes() for path in server.data.iterdir())
    for token in tokens:
        assert token.encode() not in content


def test_an_old_session_is_over(server, person, name):
    person.sign_up(name)
    for column, days in (("last_seen_at", "-13 hours"), ("expires_at", "-31 days")):
        person.sign_in()
        assert person.username() == name
        with sqlite3.connect(server.data / "unlatch.sqlite3", timeout=10) as database:
            database.execute(f"UPDATE sessions SET {column} = strftime('%Y-%m-%d %H:%M:%f', {column}, ?)", (days,))
        database.close()
        assert person.username() is None


def test_an_old_ceremony_is_over(tmp_path):
    with LiveServer(tmp_path / "data", "--ceremonies", "database") as server, Person(server) as person:
        person.sign_up("ada")
        body = person.begin_sign_in()
        with sqlite3.connect(server.data / "unlatch.sqlite3", timeout=10) as database:
            database.execute(
                "UPDATE unlatch_ceremonies SET expires_at = strftime('%Y-%m-%d %H:%M:%f', expires_at, '-301 seconds')"
            )
        database.close()
        assert problem(person.post("/v1/authentication/verify", body)) == (410, "ceremony_unknown")


def test_a_store_that_does_not_answer_is_a_503(server, person, name):
    person.sign_up(name)
    body = person.begin_sign_in()
    holder = sqlite3.connect(server.data / "unlatch.sqlite3", timeout=10, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        answer = person.post("/v1/authentication/verify", body)
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert problem(answer) == (503, "store_unavailable")
    assert answer.headers["retry-after"].isdigit()
    assert person.sign_in().status_code == 200
