"""Fixtures for pytest: an authenticator, a browser, and one test for each fault.

Registered as a pytest plugin by the package's entry point, so an installed `unlatch` is enough:

```python
def test_sign_up(unlatch_browser):
    response = unlatch_browser.create(options)

@pytest.mark.unlatch_faults("registration")
def test_refuses(unlatch_browser, unlatch_fault):
    ...
```
"""

from __future__ import annotations

import pytest

from unlatch.testing import FAULTS, EmulatedBrowser, SoftwareAuthenticator


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, for projects that run with ``--strict-markers``."""
    config.addinivalue_line(
        "markers", "unlatch_faults(prefix): which faults `unlatch_fault` goes through, by the beginning of their names"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `unlatch_fault` once for each fault that its marker selects."""
    if "unlatch_fault" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("unlatch_faults")
        prefixes = tuple(marker.args) if marker and marker.args else ("",)
        chosen = [fault for fault in FAULTS if fault.name.startswith(prefixes)]
        metafunc.parametrize("unlatch_fault", chosen, ids=str)


@pytest.fixture
def unlatch_origin() -> str:
    """The origin of the emulated page; override this fixture with your own."""
    return "https://example.org"


@pytest.fixture
def unlatch_authenticator() -> SoftwareAuthenticator:
    """A fresh software authenticator with default settings."""
    return SoftwareAuthenticator()


@pytest.fixture
def unlatch_browser(unlatch_origin: str, unlatch_authenticator: SoftwareAuthenticator) -> EmulatedBrowser:
    """An emulated browser on `unlatch_origin` with `unlatch_authenticator` plugged in."""
    return EmulatedBrowser(unlatch_origin, unlatch_authenticator)
