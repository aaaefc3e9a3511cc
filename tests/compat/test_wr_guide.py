"""The guide's server on our skin, asked as its page asks it (WR-6 to WR-10); each named fault of the original."""

import base64
import json
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect

from at_once import delete_at_once
from example_apps import load
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

ORIGIN = "http://localhost:5000"
REGISTRATION, AUTHENTICATION = "/registration", "/authentication"


@pytest.fixture(scope="module")
def guide(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("guide") / "guide.db"
        patch.setenv("GUIDE_SQLALCHEMY_DATABASE_URI", f"sqlite:///{path}")
        patch.setenv("GUIDE_ORIGIN", ORIGIN)
        module = load("webauthn_rp")
    yield module
    with module.app.app_context():
        module.db.engine.dispose()


def to_browser(options):
    """What the guide's page does by hand: its bytes are standard base64."""
    public_key = json.loads(json.dumps(options["publicKey"]))

    def again(text):
        return base64.urlsafe_b64encode(base64.b64decode(text, validate=True)).rstrip(b"=").decode()

    public_key["challenge"] = again(public_key["challenge"])
    if "user" in public_key:
        public_key["user"]["id"] = again(public_key["user"]["id"])
    for descriptor in public_key.get("allowCredentials", public_key.get("excludeCredentials", ())):
        descriptor["id"] = again(descriptor["id"])
    return public_key


class Page:
    """A person at the guide's page."""

    def __init__(self, guide, username, **authenticator):
        self.http = guide.app.test_client()
        self.username = username
        self.browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator(**authenticator))

    def begin(self, ceremony, **named):
        answer = self.http.post(f"{ceremony}/request/", data={"username": self.username})
        assert answer.status_code == 200, answer.text
        options = answer.json["creationOptions" if ceremony == REGISTRATION else "requestOptions"]
        call = self.browser.create if ceremony == REGISTRATION else self.browser.get
        credential = call(to_browser(options), **named)
        form = {"challengeID": answer.json["challengeID"], "credential": json.dumps(credential)}
        return {**form, "username": self.username}

    def post(self, ceremony, form):
        answer = self.http.post(f"{ceremony}/response/", data=form)
        return answer.status_code, answer.text

    def do(self, ceremony, **named):
        return self.post(ceremony, self.begin(ceremony, **named))


@pytest.fixture
def ada(guide):
    page = Page(guide, secrets.token_hex(8), counter=None, backup_eligible=True, backup_state=True)
    assert page.do(REGISTRATION) == (200, "Success")
    return page


def test_wr_6_and_7_registration(guide):
    page = Page(guide, "wr6")
    answer = page.http.post("/registration/request/", data={"username": "wr6"})
    assert set(answer.json) == {"challengeID", "creationOptions"}
    options = answer.json["creationOptions"]["publicKey"]
    assert len(base64.b64decode(options["challenge"], validate=True)) == 64
    assert len(base64.b64decode(options["user"]["id"], validate=True)) == 64
    assert options["pubKeyCredParams"] == [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}]
    assert options["timeout"] == 60_000
    assert page.do(REGISTRATION) == (200, "Success")


def test_wr_8_and_9_a_passkey_that_does_not_count_signs_in_twice(ada):
    """BUG of the original: `<=` with both counters zero, so every synced passkey failed at its second login."""
    assert ada.do(AUTHENTICATION) == (200, "Success")
    assert ada.do(AUTHENTICATION) == (200, "Success")


def test_wr_8_who_cannot_sign_in(guide):
    page = Page(guide, "nobody here")
    answer = page.http.post("/authentication/request/", data={"username": "nobody here"})
    assert (answer.status_code, answer.text) == (400, "User not registered")


def test_wr_8_a_user_without_credential_is_told_so(guide):
    """BUG of the original: an empty list is not None, so this was never said."""
    page = Page(guide, "abandoned")
    page.http.post("/registration/request/", data={"username": "abandoned"})
    answer = page.http.post("/authentication/request/", data={"username": "abandoned"})
    assert (answer.status_code, answer.text) == (400, "User without credential")


@pytest.mark.parametrize("ceremony", [REGISTRATION, AUTHENTICATION])
def test_wr_7_and_9_a_challenge_is_used_once(guide, ada, ceremony):
    """BUG of the original: the row stayed, and within a minute the same answer signed in again."""
    if ceremony == REGISTRATION:
        ada = Page(guide, "once")
    form = ada.begin(ceremony)
    assert ada.post(ceremony, form) == (200, "Success")
    assert ada.post(ceremony, form) == (400, "Could not find challenge matching given id")


def test_wr_7_of_passkeys_that_come_at_once_a_name_gets_one(guide):
    pages = [Page(guide, "at once") for _ in range(4)]
    forms = [page.begin(REGISTRATION) for page in pages]
    with ThreadPoolExecutor(len(pages)) as pool:
        answers = sorted(pool.map(lambda page, form: page.post(REGISTRATION, form)[0], pages, forms))
    assert answers == [200, 400, 400, 400]
    with guide.app.app_context():
        user = guide.User.query.filter_by(username="at once").one()
        assert len(user.credentials) == 1


def test_wr_7_a_failed_answer_uses_the_challenge_up_too(ada):
    form = ada.begin(AUTHENTICATION)
    broken = {**form, "credential": form["credential"].replace('"signature": "ME', '"signature": "MF')}
    assert ada.post(AUTHENTICATION, broken) == (400, "Could not handle credential assertion")
    assert ada.post(AUTHENTICATION, form) == (400, "Could not find challenge matching given id")


def test_wr_9_a_challenge_belongs_to_its_user(guide, ada):
    """BUG of the original: the user that the form named was never compared."""
    eve = Page(guide, "eve")
    assert eve.do(REGISTRATION) == (200, "Success")
    form = eve.begin(AUTHENTICATION)
    assert eve.post(AUTHENTICATION, {**form, "username": ada.username}) == (400, "Invalid username")
    # With a challenge of the victim's own, the credential is another user's.
    answer = ada.http.post("/authentication/request/", data={"username": ada.username})
    options = to_browser(answer.json["requestOptions"]) | {"allowCredentials": []}
    credential = json.dumps(eve.browser.get(options))
    form = {"challengeID": answer.json["challengeID"], "credential": credential, "username": ada.username}
    assert eve.post(AUTHENTICATION, form) == (400, "Could not handle credential assertion")


def test_wr_7_a_challenge_belongs_to_its_ceremony(guide, ada):
    other = Page(guide, "another ceremony").begin(REGISTRATION)["challengeID"]
    mixed = {**ada.begin(AUTHENTICATION), "challengeID": other}
    assert ada.post(AUTHENTICATION, mixed) == (400, "Could not find challenge matching given id")


def test_wr_6_a_name_with_a_passkey_is_not_taken_over(guide, ada):
    """BUG of the original: whoever knew a name could add a key to it without signing in."""
    answer = Page(guide, ada.username).http.post("/registration/request/", data={"username": ada.username})
    assert (answer.status_code, answer.text) == (400, "User already registered")


def test_wr_6_two_who_race_for_a_name(guide):
    first, second = Page(guide, "race"), Page(guide, "race")
    forms = first.begin(REGISTRATION), second.begin(REGISTRATION)
    assert first.post(REGISTRATION, forms[0]) == (200, "Success")
    assert second.post(REGISTRATION, forms[1]) == (400, "Invalid username")


def test_wr_7_two_who_were_both_let_through(guide, ada, monkeypatch):
    """Whatever was true when the request came: the constraint refuses a second first passkey."""
    monkeypatch.setattr(guide, "may_register", lambda user: True)
    assert Page(guide, ada.username).do(REGISTRATION) == (400, "Could not handle credential attestation")


def test_wr_7_a_challenge_belongs_to_its_user(guide):
    """BUG of the original: with a challenge of one's own, a key could be put under anybody's name."""
    Page(guide, "victim").http.post("/registration/request/", data={"username": "victim"})
    eve = Page(guide, "eve elsewhere")
    form = eve.begin(REGISTRATION)
    assert eve.post(REGISTRATION, {**form, "username": "victim"}) == (400, "Invalid username")


def test_wr_7_and_9_the_other_answers(guide, ada, monkeypatch):
    assertion = ada.begin(AUTHENTICATION)
    other = Page(guide, "other answers")
    attestation = other.begin(REGISTRATION)
    assert ada.post(REGISTRATION, assertion) == (400, "Invalid response type")
    assert other.post(AUTHENTICATION, attestation) == (400, "Invalid response type")
    for broken in ({**attestation, "credential": "no JSON"}, {"challengeID": "1"}, {**attestation, "credential": "{}"}):
        assert other.post(REGISTRATION, broken) == (400, "Could not parse input data")
    assert other.post(REGISTRATION, {**attestation, "username": "who"}) == (400, "Invalid username")
    late = other.begin(REGISTRATION)
    afterwards = guide.timestamp_ms() + 61_000
    monkeypatch.setattr(guide, "timestamp_ms", lambda: afterwards)
    assert other.post(REGISTRATION, late) == (408, "Timeout")


def test_wr_7_an_attestation_that_does_not_hold(guide):
    page = Page(guide, "wrong")
    assert page.do(REGISTRATION, fault="registration.origin.other-site") == (
        400,
        "Could not handle credential attestation",
    )


def test_wr_6_to_9_a_session_with_two_passkeys(guide, ada, monkeypatch):
    """The second is added by who is signed in; the session ends with its passkey; an old one changes nothing."""
    other = Page(guide, ada.username)
    (first,) = ada.http.get("/account/").json["credentials"]
    assert ada.http.post("/account/remove/", data={"id": first}).status_code == 400  # the last one
    elsewhere = Page(guide, ada.username)
    elsewhere.browser = ada.browser
    assert elsewhere.do(AUTHENTICATION) == (200, "Success")
    ada.browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator())
    assert ada.do(REGISTRATION) == (200, "Success")
    eve = Page(guide, secrets.token_hex(8))
    eve.do(REGISTRATION)
    for page, status in ((other, 403), (eve, 400)):  # nobody, and somebody else
        assert page.http.post("/account/remove/", data={"id": first}).status_code == status
    ada.browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator())
    late = ada.begin(REGISTRATION)
    assert (
        ada.http.post("/account/remove/", data={"id": first}, headers={"Origin": "https://e.test"}).status_code == 403
    )
    with monkeypatch.context() as patch:
        afterwards = guide.timestamp_ms() + 600_000
        patch.setattr(guide, "timestamp_ms", lambda: afterwards)
        assert ada.http.post("/account/remove/", data={"id": first}).status_code == 403
        assert ada.post(REGISTRATION, late) == (400, "Invalid username")
    assert ada.http.post("/account/remove/", data={"id": first}).status_code == 200
    assert elsewhere.http.get("/account/").json["username"] is None
    assert len(ada.http.get("/account/").json["credentials"]) == 1
    assert ada.http.post("/sign-out/").status_code == 200
    assert ada.http.get("/account/").json == {"username": None, "credentials": []}


def test_wr_9_two_removals_at_once_leave_a_passkey(guide, ada):
    ada.browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator())
    assert ada.do(REGISTRATION) == (200, "Success")
    both = ada.http.get("/account/").json["credentials"]
    pages = {each: guide.app.test_client() for each in both}  # a test client is for one thread
    for page in pages.values():
        page.set_cookie("session", ada.http.get_cookie("session").value)
    with guide.app.app_context():
        engine = guide.db.engine
    answers = delete_at_once(engine, lambda each: pages[each].post("/account/remove/", data={"id": each}), both)
    assert sorted(answer.status_code for answer in answers) == [200, 400]


def test_wr_8_and_9_without_a_name_the_passkey_says_whose_it_is(guide, ada):
    ada.http.post("/sign-out/")
    name, ada.username = ada.username, ""
    form = ada.begin(AUTHENTICATION)
    assert ada.post(AUTHENTICATION, {**form, "username": name}) == (400, "Invalid username")
    assert ada.do(AUTHENTICATION) == (200, "Success")
    assert ada.http.get("/account/").json["username"] == name
    ada.browser.authenticator.credentials[-1].user_handle = b"somebody else"
    assert ada.do(AUTHENTICATION) == (400, "Could not handle credential assertion")


def test_wr_10_the_models(guide):
    with guide.app.app_context():
        tables = inspect(guide.db.engine)
        columns = {name: {column["name"] for column in tables.get_columns(name)} for name in tables.get_table_names()}
    assert {"id", "username", "user_handle"} <= columns["user"]
    assert {"id", "signature_count", "credential_public_key", "user_id"} <= columns["credential"]
    assert {"id", "request", "timestamp_ms", "user_id"} <= columns["challenge"]
