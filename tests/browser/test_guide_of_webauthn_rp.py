"""The guide's application on `unlatch.compat.webauthn_rp`, used by a person with a real browser (WR-6 to WR-9)."""

import re

import pytest

from browser.conftest import PATIENCE, Authenticator
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


def test_wr_9_sign_up_and_sign_in_twice_with_a_passkey_that_does_not_count(chromium, guide):
    module, origin = guide
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    authenticator = Authenticator(session, defaultBackupEligibility=True, defaultBackupState=True)
    page.goto(origin)
    page.get_by_label("Username").fill("ada")

    def press(name):
        page.get_by_role("button", name=name).click()
        status = page.get_by_role("status").filter(has_text=re.compile(r"\S"))
        status.wait_for()
        return status.inner_text()

    assert press("Sign in") == "User not registered"
    assert press("Register") == "Success"
    assert press("Register") == "User already registered"
    for _ in range(2):
        # The virtual authenticator always counts; set one below, it sends 0, as synced passkeys always do.
        (credential,) = authenticator.credentials()
        authenticator.clear()
        authenticator.add({**credential, "signCount": -1})
        assert press("Sign in") == "Success"
    with module.app.app_context():
        assert module.Challenge.query.count() == 0
        assert [each.signature_count for each in module.Credential.query.all()] == [0]
    context.close()
    assert problems == []
