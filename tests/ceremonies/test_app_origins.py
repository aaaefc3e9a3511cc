"""Native applications: named exactly, never mixed with web origins."""

import pytest

from unlatch import Misconfigured, Refused, RelyingParty, UserEntity
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

ANDROID = "android:apk-key-hash:" + "A" * 43
IOS = "ios:bundle-id:org.example.app-2"


@pytest.mark.parametrize("origin", [ANDROID, "android:apk-key-hash:" + "A" * 27, IOS, "chrome-extension://abcdef"])
def test_an_app_registers_where_it_is_listed(origin):
    user = UserEntity(b"handle", "ada")
    browser = EmulatedBrowser(origin, SoftwareAuthenticator())
    rp = RelyingParty(id="example.org", app_origins=[origin])
    begun = rp.begin_registration(user)
    body = browser.create(begun.options.to_json())
    assert rp.finish_registration(begun.state, body).origin == origin
    other = RelyingParty(id="example.org")
    begun = other.begin_registration(user)
    with pytest.raises(Refused) as caught:
        other.finish_registration(begun.state, browser.create(begun.options.to_json()))
    assert caught.value.step == "registration.origin"


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.org",
        "http://localhost",
        "null",
        5,
        "android:apk-key-hash:",
        "android:apk-key-hash:" + "A" * 42,
        "android:apk-key-hash:" + "A" * 43 + "=",
        "android:apk-key-hash:" + ":".join(["AB"] * 32),
        "ios:bundle-id:",
        "ios:bundle-id:app",
        "ios:bundle-id:org..app",
        "ios:bundle-id:org.example/app",
    ],
)
def test_what_is_no_app(origin):
    with pytest.raises(Misconfigured):
        RelyingParty(id="example.org", app_origins=[origin])
