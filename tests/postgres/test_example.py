"""The example in examples/postgres, in a real browser: its README's commands, and a whole life of two devices."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from browser.conftest import FLAGS, PATIENCE, Authenticator
from parts import path_of
from postgres.databases import create

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.private import Server

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "postgres"

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]


@pytest.fixture(scope="module")
def site(postgres_server: Server) -> Iterator[tuple[str, str]]:
    """Where the example runs, and its database."""
    dsn = create(postgres_server, "example")
    command = [sys.executable, str(FOLDER / "server.py"), "--dsn", dsn, "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://localhost:\d+", line)
            assert found, line
            yield found[0], dsn
        finally:
            process.kill()


@pytest.fixture
def device(site: tuple[str, str]) -> Iterator[Any]:
    """Opens a device: a browser context with an authenticator of its own, on a page of the example."""
    from playwright.sync_api import sync_playwright

    problems: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path_of("chromium"), args=FLAGS)

        def open_device(path: str = "/") -> Any:
            context = chromium.new_context()
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("WebAuthn.enable", {"enableUI": False})
            Authenticator(session)
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda message: message.type == "error" and problems.append(message.text))
            page.goto(site[0] + path)
            return page

        yield open_device
        chromium.close()
    # Chromium notes requests without success too; those are what is tested.
    assert [problem for problem in problems if "Failed to load resource" not in problem] == []


def says(page: Any, sentence: str) -> None:
    page.locator("#status", has_text=sentence).wait_for()


def test_two_devices(device: Any, site: tuple[str, str]) -> None:
    laptop = device()
    laptop.get_by_label("Name").fill("ada")
    laptop.get_by_role("button", name="Create account").click()
    laptop.get_by_role("heading", name="Hello ada").wait_for()

    laptop.get_by_role("button", name="Show a link for it").click()
    link = laptop.locator("#url")
    link.wait_for()
    address = link.inner_text()
    # Not `wait_for_function`: to ask again it evaluates text, and the page allows no such thing.
    qr = laptop.locator("#qr")
    assert qr.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0

    phone = device(address.removeprefix(site[0]))
    phone.get_by_role("button", name="Create a passkey here").click()
    says(phone, "Added. Confirm it")
    # Not yet confirmed: a valid passkey, and no session.
    phone.goto(site[0])
    phone.get_by_role("button", name="Sign in with a passkey").click()
    says(phone, "waits to be confirmed")

    laptop.get_by_role("button", name="Look again").click()
    laptop.get_by_role("button", name="Confirm My phone").click()
    says(laptop, "My phone may sign in now.")
    phone.get_by_role("button", name="Sign in with a passkey").click()
    phone.get_by_role("heading", name="Hello ada").wait_for()
    phone.locator("#devices li", has_text="My device").wait_for()  # comes after the heading, with all others
    assert phone.locator("#devices li").all_inner_texts() == ["My device", "My phone"]

    # The link was used up.
    late = device(address.removeprefix(site[0]))
    says(late, "no longer valid")

    cookie = phone.context.cookies()[0]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    with psycopg.connect(site[1]) as connection:
        row: Any = connection.execute("SELECT hash FROM app.access_tokens LIMIT 1").fetchone()
        assert cookie["value"].encode() not in row[0]
    phone.get_by_role("button", name="Sign out").click()
    phone.get_by_role("heading", name="Sign up").wait_for()
    assert phone.context.cookies() == []
    # Another one's name is taken.
    eve = device()
    eve.get_by_label("Name").fill("ada")
    eve.get_by_role("button", name="Create account").click()
    says(eve, "This name is taken.")


def test_long_names_on_a_narrow_screen(device: Any, site: tuple[str, str]) -> None:
    phone = device()
    phone.set_viewport_size({"width": 320, "height": 640})
    phone.get_by_label("Name").fill("w" * 32)
    phone.get_by_role("textbox", name="This device").fill("W" * 60)
    phone.get_by_role("button", name="Create account").click()
    phone.locator("#devices li").wait_for()
    with psycopg.connect(site[1]) as connection:
        connection.execute("UPDATE app.devices SET confirmed = false WHERE name LIKE 'WWW%'")
    phone.get_by_role("button", name="Look again").click()
    phone.get_by_role("button", name="Confirm W").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_the_web_may_not(site: tuple[str, str]) -> None:
    """`web_anon` calls functions; it reads no table but its own devices, and no function is for everybody."""
    with psycopg.connect(site[1], autocommit=True) as connection:
        connection.execute("SET ROLE web_anon")
        for query in (
            "SELECT * FROM webauthn.credentials",
            "SELECT * FROM app.users",
            "SELECT * FROM app.access_tokens",
            "SELECT webauthn.get_credentials(challenge := '\\x00')",
            "SELECT app.begin_session('\\x00')",
            "UPDATE app.devices SET confirmed = true",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(query)
        assert connection.execute("SELECT * FROM api.devices").fetchall() == []
        row: Any = connection.execute("SELECT api.current_user()").fetchone()
        assert row[0] == {"name": None}


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Origin": "https://example.com"}, b"{}", 403),
        ({"Content-Length": "-1"}, b"{}", 400),
        ({"Content-Length": "65537"}, b"{}", 400),
        ({}, b'{"challenge": 1}', 400),
        ({}, rb'{"challenge": "\ud800"}', 400),
        ({}, rb'{"challenge": "\u0000"}', 403),
    ],
)
def test_what_no_page_of_it_sends(site: tuple[str, str], headers: dict[str, str], body: bytes, status: int) -> None:
    connection = HTTPConnection(site[0].removeprefix("http://"), timeout=5)
    path = "/rpc/get_credential_creation_options"
    connection.request("POST", path, body, {"Origin": site[0], "Content-Length": str(len(body)), **headers})
    assert connection.getresponse().status == status
    connection.close()


def test_the_commands_of_the_readme() -> None:
    commands = re.findall(r"```sh\n(.*?)```", (FOLDER / "README.md").read_text("utf-8"), re.DOTALL)
    assert any("examples/postgres/server.py --dsn" in command for command in commands)
