"""One browser process for this folder, two sites over http, several over https."""

from __future__ import annotations

from pathlib import Path

import pytest

from chromium.sites import RELATED, Site, with_certificate
from chromium.tabs import Tab
from parts import path_of

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.needs("chromium"))
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def site():
    """The relying party's own, over http."""
    with Site() as site:
        yield site


@pytest.fixture(scope="package")
def other_site():
    """Another origin over http: another port of localhost."""
    with Site() as site:
        yield site


@pytest.fixture(scope="package")
def secure_sites(tmp_path_factory):
    """All https names, and the hash of the key that they share."""
    site = Site(f"https://{RELATED}")
    pin = with_certificate(site, tmp_path_factory.mktemp("sites"))
    with site:
        yield site, pin


# For the folder, not the session: while Playwright's synchronous side is open, no asynchronous test can run.
@pytest.fixture(scope="package")
def chromium(secure_sites):
    from playwright.sync_api import sync_playwright

    secure, pin = secure_sites
    flags = [
        *FLAGS,
        f"--host-resolver-rules=MAP *.test:443 127.0.0.1:{secure.server_port}",
        f"--ignore-certificate-errors-spki-list={pin}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path_of("chromium"), args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def _tab(chromium, site):
    tab = Tab(chromium.new_context())
    tab.page.goto(site.origin)
    return tab


@pytest.fixture
def tab(_tab):
    """A tab on the site, without authenticators."""
    yield _tab
    _tab.unplug_all()


@pytest.fixture
def new_tab(chromium):
    """A tab of its own, on nothing yet."""
    context = chromium.new_context()
    yield Tab(context)
    context.close()
