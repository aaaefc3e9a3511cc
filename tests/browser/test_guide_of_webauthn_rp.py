"""The guide's application on `unlatch.compat.webauthn_rp`, used by a person with a real browser (WR-6 to WR-9)."""

from types import SimpleNamespace

import pytest

from browser.conftest import PATIENCE, Tab
from browser.small_pages import press, whole_life
from example_apps import load, served


@pytest.fixture
def guide(tmp_path, monkeypatch):
    monkeypatch.setenv("GUIDE_SQLALCHEMY_DATABASE_URI", f"sqlite:///{tmp_path / 'guide.db'}")
    module = load("webauthn_rp")
    with served(module.app) as origin:
        module.app.config["ORIGIN"] = origin
        yield module, origin
    with module.app.app_context():
        module.db.engine.dispose()


DONE = dict.fromkeys(("registered", "signed_in", "signed_out", "added", "removed"), "Success")
WRONG = {
    "unknown": "User not registered",
    "taken": "User already registered",
    "last": "This passkey cannot be removed",
}


def asks(request):
    return request.url.endswith("/request/") and request.post_data != "username="


def test_wr_6_to_9_a_whole_life(chromium, guide, picture):
    module, origin = guide
    site = SimpleNamespace(url=origin)
    whole_life(chromium, site, asks=asks, sentences=DONE | WRONG, screenshot=picture("webauthn_rp"))
    with module.app.app_context():
        # Of those that a button asked for, only one had no answer: the browser itself said that it has a passkey.
        assert module.Challenge.query.filter(module.Challenge.user_id.is_not(None)).count() == 1


def test_wr_9_a_passkey_that_does_not_count_signs_in_twice(chromium, guide):
    module, origin = guide
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE)
    tab = Tab(context.new_page(), SimpleNamespace(url=origin))
    tab.authenticator.remove()
    tab.authenticator = tab.plug_in(defaultBackupEligibility=True, defaultBackupState=True)
    tab.hands_off()
    tab.go("/")
    tab.page.get_by_label("Username").fill("bob")
    press(tab, "Register", sentence="Success", asks=asks)
    for _ in range(2):
        press(tab, "Sign out", sentence="Success")
        # The virtual authenticator always counts; set one below, it sends 0, as synced passkeys always do.
        (credential,) = tab.authenticator.credentials()
        tab.authenticator.clear()
        tab.authenticator.add({**credential, "signCount": -1})
        press(tab, "Sign in", sentence="Success", asks=asks)
    with module.app.app_context():
        assert [each.signature_count for each in module.Credential.query.all()] == [0]
    context.close()
    assert tab.problems == []
