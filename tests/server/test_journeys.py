"""Whole journeys over HTTP, with an emulated browser."""

import base64
import hashlib
import json

import httpx
import pytest

from live_server import problem
from unlatch.testing import ClientError, SoftwareAuthenticator
from unlatch.wire import base64url


def test_sign_up_sign_out_sign_in(person, name):
    answer = person.sign_up(name)
    assert answer.status_code == 201
    assert answer.json()["user"] == {"username": name, "display_name": "A person"}
    assert answer.json()["new_account"] is True
    assert person.username() == name
    assert person.sign_out().status_code == 204
    assert person.username() is None
    assert problem(person.http.get("/v1/passkeys")) == (401, "not_signed_in")
    answer = person.sign_in()
    assert answer.status_code == 200
    assert person.username() == name


def test_a_passkey_as_its_owner_sees_it(people, name):
    bitwarden = bytes.fromhex("d548826e79b4db40a3d811116f7e8349")
    person = people(aaguid=bitwarden, backup_eligible=True, backup_state=True, transports=("internal", "hybrid"))
    person.sign_up(name)
    (passkey,) = person.passkeys()
    assert passkey["provider"] == "Bitwarden"
    assert passkey["synced"] is True
    assert passkey["can_sync"] is True
    assert passkey["transports"] == ["internal", "hybrid"]
    assert passkey["last_used_at"] is None
    assert passkey["created_at"].endswith("Z")
    assert passkey["current"] is True
    person.sign_out()
    person.sign_in()
    (passkey,) = person.passkeys()
    assert passkey["last_used_at"] is not None


def test_the_id_of_a_passkey_is_the_hash_of_its_credential_id(person, name):
    body = person.begin_sign_up(name)
    person.post("/v1/registration/verify", body)
    credential_id = base64.urlsafe_b64decode(body["credential"]["id"] + "==")
    expected = base64.urlsafe_b64encode(hashlib.sha256(credential_id).digest()).decode().rstrip("=")
    assert [passkey["id"] for passkey in person.passkeys()] == [expected]


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({"aaguid": bytes.fromhex("d548826e79b4db40a3d811116f7e8349")}, "Bitwarden"),
        ({"transports": ("usb", "nfc")}, "Security key"),
        ({}, "Passkey"),
    ],
)
def test_a_passkey_is_called_by_its_provider_until_it_is_renamed(people, name, settings, shown):
    person = people(**settings)
    person.sign_up(name)
    (passkey,) = person.passkeys()
    assert passkey["name"] == shown
    answer = person.http.patch(f"/v1/passkeys/{passkey['id']}", json={"name": "  My  phone "})
    assert answer.status_code == 200
    assert answer.json()["name"] == "My phone"
    assert [passkey["name"] for passkey in person.passkeys()] == ["My phone"]


def test_a_second_passkey_opens_the_same_account(people, name):
    person, other = people(), people()
    person.sign_up(name)
    phone = person.browser.authenticator
    person.browser.authenticator = other.browser.authenticator
    answer = person.add_passkey()
    assert answer.status_code == 201
    assert answer.json()["new_account"] is False
    first, second = person.passkeys()
    assert (first["current"], second["current"]) == (True, False)
    person.sign_out()
    assert other.sign_in().status_code == 200
    assert other.username() == name
    person.browser.authenticator = phone
    assert person.sign_in().status_code == 200
    assert [passkey["current"] for passkey in person.passkeys()] == [True, False]


def test_the_same_authenticator_is_excluded(person, name):
    person.sign_up(name)
    with pytest.raises(ClientError, match="InvalidStateError"):
        person.begin_add()


def test_a_removed_passkey_opens_nothing_and_its_holder_is_told(people, name):
    person, other = people(), people()
    person.sign_up(name)
    person.browser.authenticator, other.browser.authenticator = (
        other.browser.authenticator,
        person.browser.authenticator,
    )
    person.add_passkey()
    other.sign_in()
    first, second = person.passkeys()
    assert person.http.delete(f"/v1/passkeys/{first['id']}").status_code == 204
    assert [passkey["id"] for passkey in person.passkeys()] == [second["id"]]
    # The session that it opened elsewhere has ended; the one that removed it goes on.
    assert other.username() is None
    assert person.username() == name
    answer = other.sign_in()
    assert problem(answer) == (403, "passkey_removed")
    assert "removed" in answer.json()["detail"]
    # Whoever holds only its id learns nothing.
    assert problem(other.sign_in(fault="authentication.signature.flipped")) == (401, "not_verified")


def test_a_passkey_that_was_removed_can_be_made_again_and_removed_again(person, name):
    person.sign_up(name)
    first = person.passkeys()[0]["id"]
    person.browser.authenticator = SoftwareAuthenticator()
    body = person.begin_add()
    assert person.post("/v1/registration/verify", body).status_code == 201
    for _ in range(2):
        (path,) = (f"/v1/passkeys/{passkey['id']}" for passkey in person.passkeys() if passkey["id"] != first)
        assert person.http.delete(path).status_code == 204
        # The same key once more. Without attestation, nothing but the client data is bound to a ceremony.
        begun = person.begin("/v1/registration/options", {})
        response = body["credential"]["response"]
        data = {
            **json.loads(base64url.decode(response["clientDataJSON"], "")),
            "challenge": begun["options"]["challenge"],
        }
        response["clientDataJSON"] = base64url.encode(json.dumps(data).encode())
        again = {"ceremony_id": begun["ceremony_id"], "credential": body["credential"]}
        assert person.post("/v1/registration/verify", again).status_code == 201


def test_the_last_passkey_is_removed_only_when_that_is_confirmed(person, name):
    person.sign_up(name)
    (passkey,) = person.passkeys()
    path = f"/v1/passkeys/{passkey['id']}"
    assert problem(person.http.delete(path)) == (409, "last_passkey")
    assert len(person.passkeys()) == 1
    assert person.http.delete(path, params={"confirm_last": "true"}).status_code == 204
    assert person.passkeys() == []
    assert person.username() == name
    assert problem(person.http.delete(path)) == (404, "passkey_not_found")
    # Still signed in: there is a way back.
    assert person.add_passkey().status_code == 201


def test_the_accounts_of_others_are_out_of_reach(people, name):
    person, other = people(), people()
    person.sign_up(name)
    other.sign_up(f"{name}-other")
    (passkey,) = person.passkeys()
    path = f"/v1/passkeys/{passkey['id']}"
    assert problem(other.http.delete(path, params={"confirm_last": "true"})) == (404, "passkey_not_found")
    assert problem(other.http.patch(path, json={"name": "mine"})) == (404, "passkey_not_found")
    assert [passkey["name"] for passkey in person.passkeys()] == ["Passkey"]


def test_signing_in_ends_the_former_session_of_the_same_browser(person, name, server):
    person.sign_up(name)
    former = dict(person.http.cookies)
    person.sign_in()
    answer = httpx.get(f"{server.url}/v1/session", cookies=former)
    assert answer.json() == {"user": None}
    assert person.username() == name


def test_a_cloned_authenticator_is_refused_with_a_sentence(person, name):
    person.sign_up(name)
    (credential,) = person.browser.authenticator.credentials
    before = credential.sign_count
    assert person.sign_in().status_code == 200
    credential.sign_count = before
    answer = person.sign_in()
    assert problem(answer) == (403, "sign_count_regressed")
    assert answer.json()["detail"] == "This passkey may have been copied."


def test_accounts_outlive_the_server(server, person, name):
    person.sign_up(name)
    begun = person.begin_sign_in()
    server.restart()
    assert person.username() == name
    # Even a ceremony that was begun before can be finished.
    assert person.post("/v1/authentication/verify", begun).status_code == 200
