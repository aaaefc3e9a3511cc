"""The REST backend of `examples/flask_passkey_backend`: its routes, models and layers, and what used to be wrong."""

from __future__ import annotations

import json

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from at_once import delete_at_once
from example_apps import package
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire import base64url

ORIGIN = "http://localhost:5000"


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    database = f"sqlite:///{tmp_path_factory.mktemp('backend') / 'passkeys.sqlite3'}"
    with package("flask_passkey_backend", "passkey_backend") as module:
        app = module.create_app(SQLALCHEMY_DATABASE_URI=database, SECRET_KEY="of the tests")
        yield app
        with app.app_context():
            module.db.engine.dispose()


class Person:
    """A browser with cookies, at the backend."""

    def __init__(self, app, name):
        self.http = httpx.Client(transport=httpx.WSGITransport(app=app), base_url=ORIGIN)
        self.browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator())
        self.named = {"username": name, "email": f"{name}@example.org"}

    def post(self, route, body=None):
        return self.http.post(f"/passkey/{route}", json=body)

    def options(self, **more):
        answer = self.post("register-passkey", {**self.named, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def register(self, **more):
        credential = self.browser.create(self.options(**more))
        return self.post("verify-register-passkey", {"credential": credential})

    def sign_in(self, **more):
        credential = self.browser.get(self.post("login-passkey").json())
        return self.post("verify-login-passkey", {"credential": credential, **more})

    def account(self):
        return self.http.get("/passkey/account").json()


@pytest.fixture
def person(backend):
    people = []

    def person(name):
        people.append(Person(backend, name))
        return people[-1]

    yield person
    for each in people:
        each.http.close()


def wrong(answer, status=400):
    """The sentence of a refusal: FP-7's shape, and nothing else in it."""
    assert answer.status_code == status, answer.text
    (sentence,) = answer.json().values()
    assert list(answer.json()) == ["error"]
    return sentence


def test_fp_1_to_6_and_7_the_four_routes(person):
    """Options, VerifiedRegistration, CredentialEntity and VerifiedAuthentication as the backend names them."""
    ada = person("ada")
    options = ada.options()
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["user"]["name"] == "ada@example.org"
    registered = ada.post("verify-register-passkey", {"credential": ada.browser.create(options)})
    assert registered.status_code == 200, registered.text
    verified = registered.json()
    assert (verified["user_verified"], verified["credential_device_type"], verified["fmt"]) == (
        True,
        "single_device",
        "none",
    )
    (entity,) = ada.account()["credentials"]
    assert (entity["credential_id"], entity["transports"]) == (verified["credential_id"], ["internal"])
    assert ada.post("sign-out").json()["user_id"] == ""

    asked = ada.post("login-passkey").json()
    assert (asked["userVerification"], asked.get("allowCredentials", [])) == ("required", [])
    for expected in (2, 3):
        signed_in = ada.sign_in(user_id=verified["user_id"])
        assert signed_in.status_code == 200, signed_in.text
        assert signed_in.json()["new_sign_count"] == expected
        assert ada.account()["credentials"][0]["sign_count"] == expected


def test_fp_5_every_field_may_be_sent_empty(person):
    """A client that fills in the whole model sends '' for what does not belong to its ceremony."""
    ada = person("empty")
    options = ada.options()
    credential = ada.browser.create(options)
    empty = {"attestationObject": "", "transports": [], "authenticatorData": "", "signature": "", "userHandle": None}
    credential["response"] = {**empty, **credential["response"]}
    body = {"user_id": "", "credential": credential, "expected_challenge": options["challenge"]}
    assert ada.post("verify-register-passkey", body).status_code == 200
    asked = ada.post("login-passkey").json()
    credential = ada.browser.get(asked)
    credential["response"] = {**empty, **credential["response"]}
    body = {"user_id": "", "credential": credential, "expected_challenge": asked["challenge"]}
    assert ada.post("verify-login-passkey", body).status_code == 200


def test_fp_1_bad_requests_are_a_sentence(person):
    ada = person("bad")
    assert "email" in wrong(ada.post("register-passkey", {"username": "bad", "email": "nowhere"}))
    assert wrong(ada.post("register-passkey"))
    assert wrong(ada.http.post("/passkey/verify-login-passkey", json={"user_id": " " * 70_000}), 413)
    assert wrong(ada.http.get("/passkey/nothing"), 404)
    assert wrong(ada.http.get("/passkey/login-passkey"), 405)


def test_a_challenge_is_the_servers_and_works_once(person):
    """BUG: the challenge came back from the client, so a recorded answer could be played for ever."""
    ada = person("once")
    ada.browser.authenticator = SoftwareAuthenticator(counter=None)  # or the counter would notice the replay as well
    credential = ada.browser.create(ada.options())
    assert ada.post("verify-register-passkey", {"credential": credential}).status_code == 200
    assert wrong(ada.post("verify-register-passkey", {"credential": credential}))
    credential = ada.browser.get(ada.post("login-passkey").json())
    body = {"credential": credential}
    assert ada.post("verify-login-passkey", body).status_code == 200
    challenge = json.loads(base64url.decode(credential["response"]["clientDataJSON"], ""))["challenge"]
    assert wrong(ada.post("verify-login-passkey", {**body, "expected_challenge": challenge}))
    made_up = {"challenge": "A" * 43, "rpId": "localhost", "allowCredentials": [], "timeout": 1}
    forged = {"credential": ada.browser.get(made_up), "expected_challenge": "A" * 43}
    assert wrong(ada.post("verify-login-passkey", forged)) == "That passkey does not open anything here."


def test_what_the_page_says_of_challenge_and_user_is_compared(person):
    ada = person("compared")
    credential = ada.browser.create(ada.options())
    assert "expected_challenge" in wrong(
        ada.post("verify-register-passkey", {"credential": credential, "expected_challenge": "other"})
    )
    assert ada.register().status_code == 200
    assert "another user" in wrong(ada.sign_in(user_id="somebody"))


def test_an_answer_belongs_to_the_browser_that_was_asked(person):
    ada, eve = person("asked"), person("eve")
    assert ada.register().status_code == 200
    eve.post("login-passkey")
    credential = ada.browser.get(ada.post("login-passkey").json())
    assert wrong(eve.post("verify-login-passkey", {"credential": credential}))
    assert eve.account()["user_id"] == ""


def test_two_tabs_do_not_clash(person):
    ada = person("tabs")
    first, second = ada.options(), ada.options(username="tabs2", email="tabs2@example.org")
    for options in (first, second):
        answer = ada.post("verify-register-passkey", {"credential": ada.browser.create(options)})
        assert answer.status_code == 200, answer.text


def test_people_have_accounts_of_their_own(person):
    """BUG: there was one global user with one credential."""
    ada, bob = person("one"), person("two")
    assert ada.register().status_code == bob.register().status_code == 200
    assert ada.account()["user_id"] != bob.account()["user_id"]
    assert "taken" in wrong(person("one").post("register-passkey", ada.named))


def test_a_passkey_is_added_by_its_account_alone(person):
    ada, eve = person("owner"), person("thief")
    early = eve.options(user_id="chosen-id")  # begun while nobody has this id
    assert ada.register(user_id="chosen-id").status_code == 200
    assert "Sign in" in wrong(eve.post("register-passkey", {**eve.named, "user_id": "chosen-id"}), 403)
    assert wrong(eve.post("verify-register-passkey", {"credential": eve.browser.create(early)}))
    assert len(ada.account()["credentials"]) == 1


def test_excluded_second_device_and_removal(person):
    """BUG: excludeCredentials was to be done."""
    ada = person("devices")
    first = ada.register().json()
    again = ada.options(user_id=first["user_id"])
    assert [each["id"] for each in again["excludeCredentials"]] == [first["credential_id"]]
    assert "last passkey" in wrong(ada.post("remove-passkey", {"id": ada.account()["credentials"][0]["id"]}))
    ada.browser.authenticator = SoftwareAuthenticator()
    assert ada.register(user_id=first["user_id"]).status_code == 200
    old, new = ada.account()["credentials"]
    stranger = person("stranger")
    stranger.register()
    assert "no such passkey" in wrong(stranger.post("remove-passkey", {"id": old["id"]}))
    assert [each["id"] for each in ada.post("remove-passkey", {"id": old["id"]}).json()["credentials"]] == [new["id"]]
    assert ada.sign_in().status_code == 200


def test_two_removals_at_once_leave_a_passkey(backend, person):
    ada = person("hasty")
    user_id = ada.register().json()["user_id"]
    ada.browser.authenticator = SoftwareAuthenticator()
    ada.register(user_id=user_id)
    both = [each["id"] for each in ada.account()["credentials"]]
    with backend.app_context():
        engine = backend.extensions["sqlalchemy"].engine
    answers = delete_at_once(engine, lambda each: ada.post("remove-passkey", {"id": each}), both)
    (refused,) = [answer for answer in answers if answer.status_code != 200]
    assert "last passkey" in wrong(refused)


def test_bytes_that_are_no_text_and_keys_that_are_not_es512(person):
    """BUG: ids were decoded as UTF-8; ES512 alone shut nearly everybody out; the hint contradicted the attachment."""
    for algorithm in (-7, -257, -8):
        ada = person(f"alg{-algorithm}")
        ada.browser.authenticator = SoftwareAuthenticator(algorithms=(algorithm,))
        options = ada.options()
        assert "hints" not in options or options["hints"] == []
        assert options["timeout"] >= 30_000
        assert ada.register().status_code == 200
        assert ada.sign_in().status_code == 200


def test_a_session_ends_with_its_passkey(person):
    ada, lost = person("lost"), person("lost")
    user_id = ada.register().json()["user_id"]
    lost.browser = ada.browser
    assert lost.sign_in().status_code == 200
    ada.browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator())
    assert ada.register(user_id=user_id).status_code == 200
    assert ada.post("remove-passkey", {"id": ada.account()["credentials"][0]["id"]}).status_code == 200
    assert lost.account()["user_id"] == ""
    assert wrong(lost.post("register-passkey", {**lost.named, "user_id": user_id}), 403)
    assert ada.account()["user_id"] == user_id


def test_pages_of_others_do_nothing(person):
    ada = person("own")
    ada.register()
    for origin in ("https://evil.example", "null", ""):
        assert wrong(ada.http.post("/passkey/sign-out", headers={"origin": origin}), 403)
    assert ada.account()["username"] == "own"
    assert ada.http.post("/passkey/sign-out", headers={"origin": ORIGIN}).json()["username"] == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"username": "a\x00b"},
        {"username": "a\nb"},
        {"username": "\ud800"},
        {"email": "a@example.org\n"},
        {"email": "a\x00@example.org"},
        {"email": "a,b@example.org"},
        {"email": "x<b@example.org>"},
        {"user_id": "\x00"},
        {"user_id": "a\n"},
    ],
)
def test_fp_1_text_that_belongs_nowhere(person, changed):
    eve = person("text")
    assert wrong(eve.post("remove-passkey", {"id": "\x00" * 36})).startswith("id")
    body = json.dumps({**eve.named, **changed})
    answer = eve.http.post("/passkey/register-passkey", content=body, headers={"content-type": "application/json"})
    assert wrong(answer).startswith(next(iter(changed)))


def test_fp_4_a_challenge_that_no_database_takes(person):
    ada = person("odd")
    ada.register()
    credential = ada.browser.get(ada.post("login-passkey").json())
    for challenge in ("\x00", "a b", "\ud800"):
        forged = json.dumps({"type": "webauthn.get", "challenge": challenge, "origin": ORIGIN}).encode()
        credential["response"]["clientDataJSON"] = base64url.encode(forged)
        sentence = wrong(ada.post("verify-login-passkey", {"credential": credential}))
        assert sentence != "That passkey does not open anything here."  # it was not even looked for


def test_rp_id_and_origin_must_fit(backend):
    """BUG: the RP ID was tester.com while the pages were on http://localhost:4200."""
    from passkey_backend import create_app

    from unlatch import Misconfigured

    with pytest.raises(Misconfigured, match=r"tester\.com"):
        create_app(RP_ID="tester.com", ORIGINS=["http://localhost:4200"], SQLALCHEMY_DATABASE_URI="sqlite://")


def test_fp_7_pages_and_cookies(person):
    ada = person("page")
    page = ada.http.get("/api")
    assert "PasskeyVerifModel" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert "httponly; path=/; samesite=lax" in ada.post("login-passkey").headers["set-cookie"].lower()


def test_fp_7_every_answer_is_described_and_none_is_a_server_error(backend, person):
    ada = person("schemathesis")
    ada.register()
    schema = schemathesis.openapi.from_wsgi("/openapi/openapi.json", backend)
    routes = [(path, method) for path, methods in backend.api_doc["paths"].items() for method in methods]
    assert len(routes) == 7
    for path, method in routes:
        check(schema[path][method.upper()], ada)


def check(operation, person):
    @settings(max_examples=5, suppress_health_check=list(HealthCheck), deadline=None, phases=[Phase.generate])
    @given(case=operation.as_strategy())
    def call(case):
        body = case.body if isinstance(case.body, dict) else None
        answer = person.http.request(case.method, case.formatted_path, json=body)
        assert answer.status_code < 500
        operation.validate_response(schemathesis.Response.from_httpx(answer, verify=False))

    call()
