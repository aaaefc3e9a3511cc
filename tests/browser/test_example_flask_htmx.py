"""The passwordless application as its README starts it, used by a person with real browsers (RH-1 to RH-6, RH-9)."""

import os
import re
import subprocess
import sys
from hashlib import sha256
from types import SimpleNamespace

import httpx
import pytest
from redis import Redis

from browser.conftest import PATIENCE, Tab
from example_apps import EXAMPLES, free_port
from examples.mailbox import mailbox
from running import wait_for_answer
from services.redis import redis, url

pytestmark = pytest.mark.needs("redis")


@pytest.fixture
def site(tmp_path):
    port = free_port()
    origin = f"http://localhost:{port}"
    with redis() as server, mailbox() as mails:
        settings = {
            "SECRET_KEY": "of the tests",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'site.db'}",
            "ORIGIN": origin,
            "LISTEN": f"127.0.0.1:{port}",
            "REDIS_URL": url(server),
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(mails.port),
            "MAIL_STARTTLS": "false",
            "TRUSTED_PROXY": "127.0.0.1",
        }
        here = EXAMPLES / "flask_htmx"
        paths = os.pathsep.join([str(here), str(EXAMPLES.parent / "src")])
        command = [sys.executable, "-m", "passwordless"]
        log = tmp_path / "log"
        with log.open("wb") as output:
            environment = {**os.environ, **settings, "PYTHONPATH": paths}
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=output, stderr=output)
        try:
            wait_for_answer(origin, process=process, log=log)
            yield SimpleNamespace(url=origin, mails=mails, redis=server)
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def open_device(chromium, site):
    """Opens tabs, each on a device of its own; at the end looks whether a page complained."""
    opened = []

    def open_device():
        context = chromium.new_context(locale="en-GB", viewport={"width": 480, "height": 800})
        context.set_default_timeout(PATIENCE)
        opened.append((context, Tab(context.new_page(), site)))
        return opened[-1][1]

    yield open_device
    complaints = [problem for _, tab in opened for problem in tab.problems]
    for context, _ in opened:
        context.close()
    assert complaints == []


def profile_with(tab, passkeys):
    tab.page.wait_for_url("**/auth/user-profile")
    tab.page.get_by_role("heading", name=f"Passkeys: {passkeys}").wait_for()


def sign_out(tab):
    tab.hands_off()
    tab.page.get_by_role("button", name="Sign out", exact=True).click()
    tab.page.get_by_role("alert").filter(has_text="You are signed out.").wait_for()


def test_rh_4_mails_are_counted_for_who_is_behind_the_proxy_and_not_for_who_claims_it(site):
    """The proxy appends whom it sees; what a client wrote there before it counts for nothing."""
    before = {"x-forwarded-for": "198.51.100.1, 203.0.113.7", "x-forwarded-host": "evil.example", "origin": site.url}
    answer = httpx.post(f"{site.url}/auth/email-login", headers=before, data={"username_email": "nobody"})
    assert answer.status_code == 200
    counted = Redis.from_url(url(site.redis)).keys("passwordless:client:*")
    assert counted == [f"passwordless:client:sign-in:{sha256(b'203.0.113.7').hexdigest()}".encode()]


def test_rh_1_to_6_and_9_and_10_sign_up_mails_and_a_second_device(open_device, site, picture):
    laptop = open_device()
    arrive = laptop.go_before_its_scripts("/auth/register", "**/passkeys.js")
    laptop.page.get_by_label("Name", exact=True).fill("Ada")
    laptop.page.get_by_label("Username").fill("ada")
    laptop.page.get_by_label("E-mail").fill("ada@example.org")
    laptop.page.keyboard.press("Enter")  # nothing is sent before the scripts listen
    assert laptop.button("Create an account").is_disabled()
    arrive()
    laptop.page.evaluate("window.isTheSamePage = true")
    laptop.button("Create an account").click()
    laptop.button("Set up").wait_for()
    assert laptop.page.evaluate("window.isTheSamePage")  # only a part of it was exchanged
    laptop.button("Set up").click()
    profile_with(laptop, 1)
    laptop.page.get_by_role("alert").filter(has_text="This device is set up.").wait_for()
    laptop.page.get_by_label("Code").fill("000000x")
    laptop.button("Confirm").click()
    laptop.page.get_by_role("alert").filter(has_text="That link or code is used").wait_for()
    code = re.search(r"\b\d{6}\b", site.mails.next().get_body(["plain"]).get_content())[0]
    laptop.page.get_by_label("Code").fill(code)
    laptop.page.screenshot(path=picture("passwordless_confirm"), full_page=True)
    laptop.button("Confirm").click()
    laptop.page.get_by_text("ada@example.org (confirmed)").wait_for()

    sign_out(laptop)
    laptop.page.get_by_text("Welcome back, Ada.").wait_for()
    laptop.authenticator.touch(True)
    laptop.button("Use your passkey").click()
    profile_with(laptop, 1)
    sign_out(laptop)
    laptop.authenticator.touch(True)  # chooses what autofill offers, as soon as it does
    laptop.button("Somebody else").click()
    profile_with(laptop, 1)

    phone = open_device()
    phone.hands_off()
    phone.go("/auth/login")
    phone.page.get_by_label("Username or e-mail").fill("ada@example.org")
    phone.button("Next").click()
    phone.page.get_by_role("link", name="Sign in by e-mail").click()
    phone.button("Send me a mail").click()
    phone.page.get_by_label("Code").wait_for()
    body = site.mails.next().get_body(["html"]).get_content()
    phone.page.route("http://webmail.example/**", lambda route: route.fulfill(body=body, content_type="text/html"))
    phone.page.goto("http://webmail.example/inbox")  # another site: its link comes without cookies that are Strict
    phone.page.get_by_role("link", name="follow this link").click()
    phone.page.get_by_text("This link signs in ada.").wait_for()
    phone.page.screenshot(path=picture("passwordless_link"), full_page=True)
    phone.button("Sign in on this device").click()
    profile_with(phone, 1)
    phone.authenticator.touch(True)
    phone.button("Start setup").click()
    phone.button("Set up").click()
    profile_with(phone, 2)
    phone.page.screenshot(path=picture("passwordless_profile"), full_page=True)
    phone.button("Remove passkey 1").click()
    profile_with(phone, 1)
    sign_out(phone)
    phone.authenticator.touch(True)
    phone.button("Use your passkey").click()
    profile_with(phone, 1)

    sign_out(laptop)
    laptop.authenticator.touch(True)
    laptop.button("Somebody else").click()  # autofill offers what was removed
    laptop.page.get_by_role("alert").filter(has_text="That passkey does not open anything here.").wait_for()
    laptop.page.screenshot(path=picture("passwordless_refused"), full_page=True)
