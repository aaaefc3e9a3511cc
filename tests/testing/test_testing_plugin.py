"""The pytest plugin, as a project that has installed the package uses it."""

from __future__ import annotations

pytest_plugins = ["pytester"]

_SUITE = """
import pytest

@pytest.fixture
def unlatch_origin():
    return "https://login.example.org"

def test_browser(unlatch_browser, unlatch_authenticator):
    assert unlatch_browser.origin == "https://login.example.org"
    assert unlatch_browser.authenticator is unlatch_authenticator

@pytest.mark.unlatch_faults("registration.challenge.")
def test_challenges(unlatch_fault):
    assert unlatch_fault.step == "registration.challenge"

def test_all(unlatch_fault):
    assert unlatch_fault.what
"""


def test_fixtures_and_marker(pytester, request):
    from unlatch.testing import FAULTS

    pytester.makepyfile(_SUITE)
    installed = request.config.pluginmanager.has_plugin("unlatch.testing.pytest_plugin") or any(
        name == "unlatch" for name, _ in request.config.pluginmanager.list_name_plugin()
    )
    arguments = [] if installed else ["-p", "unlatch.testing.pytest_plugin"]
    result = pytester.runpytest_inprocess("--strict-markers", "-p", "no:cacheprovider", *arguments)
    challenges = sum(each.name.startswith("registration.challenge.") for each in FAULTS)
    result.assert_outcomes(passed=1 + challenges + len(FAULTS))
