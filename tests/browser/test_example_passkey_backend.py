"""The REST backend's page, used by a person with a real browser (FP-1 to FP-4)."""

from types import SimpleNamespace

import pytest

from browser.conftest import PATIENCE, Tab
from example_apps import free_port, package, served


@pytest.fixture
def site(tmp_path):
    port = free_port()
    database = f"sqlite:///{tmp_path / 'backend.db'}"
    with package("flask_passkey_backend", "passkey_backend") as module:
        app = module.create_app(ORIGINS=[f"http://localhost:{port}"], SQLALCHEMY_DATABASE_URI=database)
        with served(app, port) as url:
            yield SimpleNamespace(url=url)
        with app.app_context():
            module.db.engine.dispose()


def test_fp_1_to_4_sign_up_out_and_in_by_button_and_autofill_second_device_removal(chromium, site, picture):
    from playwright.sync_api import expect

    context = chromium.new_context(locale="en-GB", viewport={"width": 480, "height": 640})
    context.set_default_timeout(PATIENCE)
    tab = Tab(context.new_page(), site)

    def press(name, *, sentence, touch=True):
        """The authenticator is touched for what the button asks; what waits for autofill was stopped before."""
        tab.page.evaluate("document.getElementById('status').textContent = ''")
        if touch:
            tab.page.route("**/passkey/*-passkey", lambda route: (tab.authenticator.touch(True), route.continue_()))
        tab.button(name).click()
        tab.says(sentence)
        tab.page.unroute("**/passkey/*-passkey")

    def line_count(number):
        expect(tab.page.locator("#passkeys li")).to_have_count(number, timeout=PATIENCE)

    tab.hands_off()
    tab.go("/")
    tab.page.get_by_label("E-mail").fill("ada@example.org")
    tab.page.get_by_label("Name").fill("ada")
    press("Create an account", sentence="Your account is ready.")
    line_count(1)
    press("Add a passkey", sentence="This device already holds a passkey for this account.")
    tab.hands_off()
    press("Sign out", sentence="You are signed out.", touch=False)
    press("Sign in with a passkey", sentence="You are signed in.")
    tab.hands_off()
    press("Sign out", sentence="You are signed out.", touch=False)
    tab.go("/unlatch.js")  # where nothing waits for autofill
    tab.authenticator.touch(True)  # chooses what autofill offers, as soon as it does
    tab.go("/")
    tab.says("You are signed in.")
    tab.hands_off()

    first = tab.authenticator
    first.touch(True)
    tab.page.locator("#passkeys li").wait_for()
    tab.authenticator = tab.plug_in(transport="usb")
    press("Add a passkey", sentence="The passkey was added.")
    line_count(2)
    tab.page.screenshot(path=picture("passkey_backend"))
    press("Remove Passkey 1 (on one device)", sentence="Passkey 1 (on one device) was removed.", touch=False)
    line_count(1)
    first.remove()
    tab.hands_off()
    press("Sign out", sentence="You are signed out.", touch=False)
    press("Sign in with a passkey", sentence="You are signed in.")
    tab.go("/api")
    tab.page.get_by_role("heading", name="PasskeyVerifModel").wait_for()
    tab.page.screenshot(path=picture("passkey_backend_api"))
    context.close()
    assert tab.problems == []
