"""The example on `http.server` (WA-12): routes, statuses, flags, TLS made on the fly."""

import json
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar

import pytest

from example_apps import EXAMPLES, load
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator


@pytest.fixture(scope="module")
def example():
    sys.path.insert(0, str(EXAMPLES / "http_server"))
    try:
        yield load("http_server")
    finally:
        sys.path.remove(str(EXAMPLES / "http_server"))
        sys.modules.pop("certificate", None)


@pytest.fixture(scope="module", params=["--notls", "--origin=https://localhost:3001"])
def server(request, example):
    """Over http; and over https, where the origin given is what counts."""
    with example.make_server(["--bind", "localhost:0", request.param]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Person:
    def __init__(self, server):
        self.tls = isinstance(server.socket, ssl.SSLSocket)
        self.url = f"{'https' if self.tls else 'http'}://localhost:{server.server_port}"
        self.origin = server.origin
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(self.cookies)
        )
        self.browser = EmulatedBrowser(server.origin, SoftwareAuthenticator())

    def post(self, path, body=b"", **headers):
        request = urllib.request.Request(self.url + path, data=body, headers={"Origin": self.origin, **headers})
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def account(self, **headers):
        with self.opener.open(urllib.request.Request(f"{self.url}/account", headers=headers), timeout=60) as answer:
            return json.loads(answer.read())

    def begin(self, ceremony, username):
        status, body = self.post(f"/{ceremony}/start?username={username}")
        assert status == 200
        call = self.browser.create_body if ceremony == "register" else self.browser.get_body
        return call(json.loads(body))

    def do(self, ceremony, username):
        return self.post(f"/{ceremony}/finish?username={username}", self.begin(ceremony, username))[0]


def test_wa_12_register_and_authenticate(server):
    ada = Person(server)
    assert ada.do("register", "ada") == 204
    assert ada.do("authenticate", "ada") == 204
    assert ada.do("authenticate", "ada") == 204
    with ada.opener.open(f"{ada.url}/", timeout=60) as page:
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert b"/app.js" in page.read()
    (cookie,) = ada.cookies
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.secure == ada.tls or not ada.tls


def test_wa_12_statuses(server):
    bob, eve = Person(server), Person(server)
    assert bob.post("/register/start")[0] == 400
    assert bob.post("/authenticate/start?username=nobody")[0] == 401
    assert bob.post("/register/finish?username=bob", b"{}")[0] == 401  # nothing was begun
    body = bob.begin("register", "bob")
    assert bob.post("/register/finish?username=bob", b"{}")[0] == 400
    assert bob.post("/register/finish?username=bob", body)[0] == 401  # used up by the first answer
    body = bob.begin("register", "bob")
    assert bob.post("/register/finish?username=bob", body)[0] == 204
    assert bob.post("/register/finish?username=bob", body)[0] == 401  # used up
    assert eve.post("/register/start?username=bob")[0] == 401  # no taking over
    eve.post("/authenticate/start?username=bob")
    bob.browser.authenticator.credentials[-1].user_handle = b"somebody else"
    body = bob.begin("authenticate", "bob")
    assert bob.post("/authenticate/finish?username=bob", body)[0] == 401
    assert bob.post("/register/start?username=bob", Origin="https://elsewhere.test")[0] == 403
    assert bob.post("/nowhere?username=bob")[0] == 404
    for length in (str(64 * 1024 + 1), "9" * 5000, "x"):
        assert bob.post("/register/finish?username=bob", **{"Content-Length": length})[0] == 400
    assert bob.post(f"/register/start?username={'b' * 65}")[0] == 400


def test_wa_12_a_sign_in_opens_a_new_session(server):
    ada = Person(server)
    body = ada.begin("register", "carla")
    (planted,) = [cookie.value for cookie in ada.cookies]
    assert ada.post("/register/finish?username=carla", body)[0] == 204
    (fresh,) = [cookie.value for cookie in ada.cookies]
    assert fresh != planted
    # Whoever knew the old session cannot add a passkey of their own; the owner can.
    assert Person(server).post("/register/start?username=carla", Cookie=f"session={planted}")[0] == 401
    assert ada.post("/register/start?username=carla")[0] == 200


def test_wa_12_sessions_autofill_and_removal(server, monkeypatch):
    ada, elsewhere, eve = Person(server), Person(server), Person(server)
    assert ada.do("register", "dora") == 204
    for _ in range(2):
        eve.browser = EmulatedBrowser(server.origin, SoftwareAuthenticator())
        assert eve.do("register", "eve") == 204
    assert ada.post("/authenticate/finish?username=eve", ada.begin("authenticate", "dora"))[0] == 401
    elsewhere.browser = ada.browser
    begun = json.loads(elsewhere.post("/autofill/start")[1])
    body = elsewhere.browser.get_body(begun)
    assert elsewhere.post("/authenticate/finish?username=dora", body)[0] == 401  # it was begun for nobody
    begun = json.loads(elsewhere.post("/autofill/start")[1])
    assert elsewhere.post("/autofill/finish", elsewhere.browser.get_body(begun))[0] == 204
    assert elsewhere.post("/autofill/finish", elsewhere.begin("authenticate", "dora"))[0] == 401  # begun for somebody
    assert elsewhere.account()["username"] == "dora"
    (first,) = ada.account()["passkeys"]
    assert ada.post(f"/remove?passkey={first}")[0] == 401  # the last one
    ada.browser = EmulatedBrowser(server.origin, SoftwareAuthenticator())
    assert ada.do("register", "dora") == 204
    for stranger in (eve, Person(server)):
        assert stranger.post(f"/remove?passkey={first}")[0] == 401
    with monkeypatch.context() as patch:
        later = time.monotonic() + 600
        patch.setattr(time, "monotonic", lambda: later)  # a session that was left open
        assert ada.post(f"/remove?passkey={first}")[0] == 401
        assert ada.post("/register/start?username=dora")[0] == 401
    assert ada.post(f"/remove?passkey={first}")[0] == 204
    assert elsewhere.account() == {"username": None, "passkeys": []}  # out at once
    assert len(ada.account()["passkeys"]) == 1
    (copy,) = [cookie.value for cookie in ada.cookies]
    assert ada.post("/sign-out")[0] == 204
    assert ada.account()["username"] is None
    assert Person(server).account(Cookie=f"session={copy}")["username"] is None


def test_wa_12_flags(example, capsys):
    for wrong in (["--cert", "x"], ["--bind", "3001x"]):
        with pytest.raises(SystemExit):
            example.make_server(wrong)
    assert "--notls" not in capsys.readouterr().out
