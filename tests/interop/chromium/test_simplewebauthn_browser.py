"""@simplewebauthn/browser in the page: what that library posts is accepted."""

from __future__ import annotations

import json

import pytest

from chromium.party import DIRECT, USER, party
from unlatch.wire import base64url

pytestmark = pytest.mark.needs("simplewebauthn")


@pytest.fixture
def call(tab):
    """Calls a function of that library in the page; returns the text that the page would post."""
    if not tab.page.evaluate("'SimpleWebAuthnBrowser' in window"):
        tab.page.evaluate(
            """() => new Promise((loaded) => {
                const script = document.createElement("script");
                script.onload = () => loaded(null);
                script.src = "/simplewebauthn.js";
                document.head.append(script);
            })"""
        )

    def call(name, options, **more):
        return tab.page.evaluate(
            "async ([name, asked]) => JSON.stringify(await SimpleWebAuthnBrowser[name](asked))",
            [name, {"optionsJSON": options, **more}],
        )

    return call


@pytest.mark.parametrize("algorithm", [-7, -8, -257, -48])
@pytest.mark.parametrize("transport", ["internal", "usb"])
def test_registers_and_signs_in(tab, site, call, algorithm, transport):
    rp = party(site.origin, algorithms=(algorithm,), attestation=DIRECT)
    tab.plug_in(transport=transport)
    ceremony = rp.begin_registration(USER, extensions={"credProps": True})
    body = call("startRegistration", ceremony.options.to_json())
    assert json.loads(body)["response"]["transports"] == [transport]
    record = rp.finish_registration(ceremony.state, body).record
    assert (record.transports, record.discoverable) == ((transport,), True)

    known = rp.begin_authentication(user=USER, records=[record])
    body = call("startAuthentication", known.options.to_json())
    record = rp.finish_authentication(known.state, body, record).record

    found = rp.begin_authentication()
    body = call("startAuthentication", found.options.to_json())
    assert json.loads(body)["response"]["userHandle"] == base64url.encode(USER.id)
    # A page may parse and pass on, or post the text as it is.
    assert rp.finish_authentication(found.state, json.loads(body), record).user_handle == USER.id


def test_a_security_key_without_user_handle(tab, site, call):
    rp = party(site.origin, attestation=DIRECT, resident_key="discouraged", user_verification="discouraged")
    tab.plug_in(protocol="u2f", transport="usb", hasResidentKey=False, hasUserVerification=False)
    ceremony = rp.begin_registration(USER)
    record = rp.finish_registration(ceremony.state, call("startRegistration", ceremony.options.to_json())).record
    assert record.attestation_format == "fido-u2f"
    ceremony = rp.begin_authentication(user=USER, records=[record])
    body = call("startAuthentication", ceremony.options.to_json())
    assert "userHandle" not in json.loads(body)["response"]
    assert rp.finish_authentication(ceremony.state, body, record).user_handle == USER.id
