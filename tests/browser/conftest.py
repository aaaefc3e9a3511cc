"""A real browser with virtual authenticators, on the real server."""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path

import pytest

from live_server import LiveServer
from parts import path_of

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: Milliseconds to wait for anything on a page. Generous: the machine may be busy.
PATIENCE = 30_000


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.needs("chromium"))
            item.add_marker(pytest.mark.xdist_group("browser"))


class Authenticator:
    """A virtual authenticator of one tab."""

    def __init__(self, session, **options):
        self._session = session
        self.removed = False
        self.id = session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "ctap2Version": "ctap2_1",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                    **options,
                }
            },
        )["authenticatorId"]

    def credentials(self):
        return self._session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]

    def add(self, credential):
        self._session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})

    def clear(self):
        self._session.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})

    def verify_user(self, verified):
        """What its user does when asked: confirm, or be refused."""
        self._session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": verified})

    def touch(self, automatic):
        """Whether its user touches it at once, or not at all."""
        self._session.send(
            "WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self.id, "enabled": automatic}
        )

    def remove(self):
        self.removed = True
        self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})


class Tab:
    """One tab, alone in its browser context: a person with cookies of their own."""

    def __init__(self, page, server):
        self.page = page
        self.server = server
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable", {"enableUI": False})
        self.authenticator = Authenticator(self._session)
        self._plugged_in = [self.authenticator]
        self.problems = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _note(self, message):
        # Chromium also notes each request without success; those are part of the journeys.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.problems.append(message.text)

    def plug_in(self, **options):
        """A further authenticator."""
        self._plugged_in.append(Authenticator(self._session, **options))
        return self._plugged_in[-1]

    def hands_off(self):
        """Nobody touches an authenticator, so that nothing that waits for autofill signs in by itself."""
        for authenticator in self._plugged_in:
            if not authenticator.removed:
                authenticator.touch(False)

    def go(self, path):
        self.page.goto(self.server.url + path)

    def go_before_its_scripts(self, path, script):
        """Open a page whose script is still on its way; a function that lets it arrive."""
        held = []

        def hold(route):
            held.append(route)

        self.page.route(script, hold)
        self.page.goto(self.server.url + path, wait_until="commit")

        def arrive():
            for route in held:
                route.continue_()
            self.page.unroute(script)

        return arrive

    def button(self, name):
        """A button of the page; pressing it waits until it is enabled, which is when the scripts listen."""
        return self.page.get_by_role("button", name=name)

    def forgets_all(self, authenticator=None):
        """Wait until an authenticator holds nothing: pages tell it what was removed, and do not wait for it."""
        authenticator = authenticator or self.authenticator
        end = time.monotonic() + PATIENCE / 1000
        while authenticator.credentials() and time.monotonic() < end:
            self.page.wait_for_timeout(50)
        assert authenticator.credentials() == []

    def status(self):
        return self.page.locator("#status")

    def says(self, sentence):
        """Wait until the page says a sentence."""
        self.page.locator("#status", has_text=sentence).wait_for()

    def cards(self):
        return self.page.locator("#passkeys > li")

    def names(self):
        return self.page.locator("#passkeys h2").all_inner_texts()

    def sign_up(self, username, display_name=""):
        self.go("/signup")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Your name").fill(display_name)
        self.button("Create account").click()
        self.page.wait_for_url("**/account")
        self.cards().first.wait_for()

    def sign_out(self):
        # Whatever waits for autofill would sign in again at once: a virtual authenticator never asks.
        self.hands_off()
        self.button("Sign out").click()
        self.page.wait_for_url("**/signin")

    def sign_in_by_button(self):
        self.touch_when_asked_by_the_button()
        self.button("Sign in with a passkey").click()

    def touch_when_asked_by_the_button(self):
        """The authenticator is touched only then, and once: the requests of autofill before and after get nothing."""
        self.hands_off()

        def pressed(route):
            if route.request.post_data == "{}":
                self.authenticator.touch(True)
            route.continue_()

        def answered(route):
            self.hands_off()
            route.continue_()

        for path, handler in (("options", pressed), ("verify", answered)):
            self.page.unroute(f"**/v1/authentication/{path}")
            self.page.route(f"**/v1/authentication/{path}", handler)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with LiveServer(tmp_path_factory.mktemp("browser") / "data") as server:
        yield server


# For the folder, not the session: while Playwright's synchronous side is open, no asynchronous test can run.
@pytest.fixture(scope="package")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path_of("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_tab(chromium, server):
    """Opens tabs, each in a context of its own; at the end looks whether a page complained."""
    opened = []

    def open_tab(**settings):
        context = chromium.new_context(locale="en-GB", timezone_id="Europe/London", **settings)
        context.set_default_timeout(PATIENCE)
        tab = Tab(context.new_page(), server)
        opened.append((context, tab))
        return tab

    yield open_tab
    complaints = [problem for _, tab in opened for problem in tab.problems]
    for context, _ in opened:
        context.close()
    assert complaints == []


@pytest.fixture
def tab(open_tab):
    return open_tab()


_NUMBERS = itertools.count(1)


@pytest.fixture
def name():
    """A username that nobody has."""
    return f"browser{next(_NUMBERS)}"


@pytest.fixture
def picture(tmp_path):
    """Where to put a picture: $UNLATCH_PICTURES, if somebody wants to look at them."""
    folder = Path(os.environ.get("UNLATCH_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return lambda name: folder / f"{name}.png"
