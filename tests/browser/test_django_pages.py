"""The pages and template tags of the Django app, on the project of its guide, in a real browser."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from contextlib import closing
from functools import partial
from types import SimpleNamespace

import pytest

from browser.conftest import PATIENCE, Tab
from browser.doors import django_project, free_port
from guide_projects import write_project

#: The claim that pages with our tags live under a strict policy.
POLICY = """
def strict(get_response):
    def answer(request):
        response = get_response(request)
        response["Content-Security-Policy"] = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        return response
    return answer
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The guide's project, as it is while one develops."""
    folder = tmp_path_factory.mktemp("django_guide")
    port = free_port()
    write_project("django", folder)
    settings = folder / "shop" / "settings.py"
    local = f'"RP_ID": "localhost", "ORIGINS": ["http://localhost:{port}"]'
    text = settings.read_text().replace('"RP_ID": "example.org"', local)
    strict = 'SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False\nMIDDLEWARE.append("shop.policy.strict")\n'
    settings.write_text(text.replace('"example.org"', '"localhost"') + strict)
    (folder / "shop" / "policy.py").write_text(POLICY)
    with django_project("shop.settings", folder, port) as url:
        yield SimpleNamespace(url=url, give_password=partial(_give_password, folder / "shop.sqlite3"))


def _give_password(database, name, password):
    """As `manage.py changepassword` does, which asks on a terminal."""
    key = base64.b64encode(hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 1)).decode()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "UPDATE auth_user SET password = ? WHERE username = ?", (f"pbkdf2_sha256$1$salt${key}", name)
        )


@pytest.fixture
def tab(chromium, site):
    context = chromium.new_context(locale="en-GB", viewport={"width": 480, "height": 720})
    context.set_default_timeout(PATIENCE)
    tab = Tab(context.new_page(), site)
    tab.hands_off()
    yield tab
    context.close()
    assert tab.problems == []


def press(tab, name):
    """Press a button; the authenticator is touched from then on, so that autofill is not faster."""

    def asked(route):
        if '"conditional"' not in (route.request.post_data or ""):
            tab.authenticator.touch(True)
        route.continue_()

    tab.authenticator.touch(False)
    tab.page.unroute("**/options")
    tab.page.route("**/options", asked)
    tab.button(name).click()


def sign_out(tab):
    tab.hands_off()
    tab.button("Sign out").click()
    tab.page.wait_for_url("**/login")


def test_what_the_template_tags_write_works(tab, picture):
    page = tab.page
    tab.go("/")
    page.wait_for_url("**/login?next=/")
    page.get_by_label("Choose a username").fill("ada")
    press(tab, "Create an account")
    page.get_by_role("heading", name="Hello, ada").wait_for()
    sign_out(tab)
    page.screenshot(path=picture("django-login"))
    press(tab, "Sign in with a passkey")
    page.get_by_role("heading", name="Hello, ada").wait_for()
    sign_out(tab)
    # By autofill: nothing on the page is pressed.
    tab.authenticator.touch(True)
    page.reload()
    page.get_by_role("heading", name="Hello, ada").wait_for()
    # A name, in the list that the tag writes.
    page.get_by_role("textbox", name="Name").fill("Laptop")
    tab.button("Rename").click()
    page.get_by_role("button", name="Remove Laptop").wait_for()
    # A second device.
    key = tab.plug_in(transport="usb")
    press(tab, "Add a passkey")
    page.get_by_role("button", name="Remove Security key").wait_for()
    page.screenshot(path=picture("django-home"))
    # A page that needs a confirmation, and a form that is sent after one.
    tab.go("/close")
    page.wait_for_url("**/webauthn/confirm/?ask=*")
    page.get_by_text("close the account").wait_for()
    page.screenshot(path=picture("django-confirm"))
    press(tab, "Confirm with your passkey")
    page.get_by_text("ada is closed.").wait_for()
    tab.go("/webauthn/manage/")
    page.screenshot(path=picture("django-manage"))
    page.get_by_role("button", name="Remove Laptop").click()
    page.get_by_role("button", name="Remove Laptop").wait_for(state="detached")
    page.get_by_role("button", name="Remove Security key").wait_for()
    tab.forgets_all()
    assert len(key.credentials()) == 1


def test_nothing_is_pressed_or_sent_before_the_script_listens(tab):
    arrive = tab.go_before_its_scripts("/login", "**/page.js")
    name = tab.page.get_by_label("Choose a username")
    name.fill("carol")
    name.press("Enter")
    assert tab.button("Sign in with a passkey").is_disabled()
    create = tab.button("Create an account")
    assert create.is_disabled()
    # As if its author had forgotten to write it so: the form is not sent, with its name in the address.
    create.evaluate("button => { button.disabled = false; button.click(); }")
    arrive()
    tab.button("Sign in with a passkey").click(trial=True)  # the script listens
    press(tab, "Create an account")
    tab.page.get_by_role("heading", name="Hello, carol").wait_for()
    # Its button is enabled like that of the tag's own form.
    tab.button("Rename").click(trial=True)
    tab.button("Close the account").click(trial=True)


def test_a_passkey_after_the_password(tab, site, picture):
    page = tab.page
    tab.go("/login")
    page.get_by_label("Choose a username").fill("bob")
    press(tab, "Create an account")
    page.get_by_role("heading", name="Hello, bob").wait_for()
    # The form is sent once its purpose is confirmed.
    tab.button("Close the account").evaluate("button => { button.name = 'why'; button.value = 'tired'; }")
    with page.expect_request("**/close") as sent:
        press(tab, "Close the account")
    assert "why=tired" in sent.value.post_data
    page.get_by_text("bob is closed.").wait_for()
    tab.go("/")
    sign_out(tab)
    site.give_password("bob", "correct horse")
    page.get_by_label("Username", exact=True).fill("bob")
    page.get_by_label("Password").fill("wrong horse")
    tab.button("Sign in with a password").click()
    page.get_by_text("Please enter a correct username and password.").wait_for()
    page.get_by_label("Username", exact=True).fill("bob")
    page.get_by_label("Password").fill("correct horse")
    tab.button("Sign in with a password").click()
    page.wait_for_url("**/webauthn/second-factor/?ask=*")
    page.screenshot(path=picture("django-second-factor"))
    assert page.get_by_role("link", name="Back to the sign-in page").get_attribute("href") == "/login"
    press(tab, "Use your passkey")
    page.get_by_role("heading", name="Hello, bob").wait_for()
    # A script in place of an address is none: the page is only loaded again.
    tab.button("Sign out").evaluate("button => { button.dataset.next = 'javascript:document.title = 1'; }")
    tab.button("Sign out").click()
    page.wait_for_url("**/login?next=/")
