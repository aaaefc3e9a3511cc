"""The emulated browser behaves like a browser: what it checks, leaves out, stores and refuses."""

from __future__ import annotations

import json

import cbor2
import pytest
from options_json import ORIGIN, USER_HANDLE, creation, request

from unlatch.testing import ClientError, EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire import base64url


def browser_with(**settings):
    return EmulatedBrowser(ORIGIN, SoftwareAuthenticator(**settings))


def client_data(response):
    return json.loads(base64url.decode(response["response"]["clientDataJSON"], ""))


def attestation_object(response):
    return cbor2.loads(base64url.decode(response["response"]["attestationObject"], ""))


def flags(response):
    return base64url.decode(response["response"]["authenticatorData"], "")[32]


def test_a_registration_has_the_members_of_to_json():
    response = browser_with().create(creation())
    assert set(response) == {
        "id", "rawId", "type", "response", "clientExtensionResults", "authenticatorAttachment",
    }  # fmt: skip
    assert set(response["response"]) == {
        "clientDataJSON", "attestationObject", "authenticatorData", "transports", "publicKey", "publicKeyAlgorithm",
    }  # fmt: skip
    data = attestation_object(response)["authData"]
    assert data == base64url.decode(response["response"]["authenticatorData"], "")
    assert response["response"]["publicKeyAlgorithm"] == -8


def test_an_assertion_has_the_members_of_to_json():
    browser = browser_with(attachment=None)
    browser.create(creation())
    response = browser.get(request())
    assert set(response) == {"id", "rawId", "type", "response", "clientExtensionResults"}
    assert set(response["response"]) == {"clientDataJSON", "authenticatorData", "signature", "userHandle"}
    assert base64url.decode(response["response"]["userHandle"], "") == USER_HANDLE


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("https://example.org", "example.org"),
        ("https://login.example.org", "example.org"),
        ("https://login.example.org:8443", "login.example.org"),
        ("http://localhost:8000", "localhost"),
        ("android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "example.org"),
    ],
)
def test_origins_that_may_use_an_rp_id(origin, rp_id):
    response = EmulatedBrowser(origin).create(creation(rp={"id": rp_id, "name": "Example"}))
    assert client_data(response)["origin"] == origin


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("https://example.org", "login.example.org"),
        ("https://evilexample.org", "example.org"),
        ("https://example.org.evil.test", "example.org"),
        ("https://example.org", "org"),
        ("http://example.org", "example.org"),
    ],
)
def test_origins_that_may_not(origin, rp_id):
    with pytest.raises(ClientError) as caught:
        EmulatedBrowser(origin).create(creation(rp={"id": rp_id, "name": "Example"}))
    assert caught.value.name == "SecurityError"


def test_a_related_origin_may():
    browser = EmulatedBrowser("https://example.net", related_to=["example.org"])
    assert client_data(browser.create(creation()))["origin"] == "https://example.net"


def test_frames_are_told():
    framed = EmulatedBrowser(ORIGIN, top_origin="https://top.example").create(creation())
    assert client_data(framed)["crossOrigin"] is True
    assert client_data(framed)["topOrigin"] == "https://top.example"
    level_2 = EmulatedBrowser(ORIGIN, cross_origin=True).create(creation())
    assert client_data(level_2)["crossOrigin"] is True
    assert "topOrigin" not in client_data(level_2)


def test_an_excluded_credential_is_not_made_again():
    browser = browser_with()
    made = browser.create(creation())
    with pytest.raises(ClientError) as caught:
        browser.create(creation(excludeCredentials=[{"type": "public-key", "id": made["id"]}]))
    assert caught.value.name == "InvalidStateError"


def test_allow_credentials_filters():
    browser = browser_with()
    first = browser.create(creation())
    browser.create(creation(user={"id": "AQ", "name": "bob", "displayName": "Bob"}))
    assert browser.get(request(first["id"]))["id"] == first["id"]
    with pytest.raises(ClientError) as caught:
        browser.get(request("AAAA"))
    assert caught.value.name == "NotAllowedError"
    with pytest.raises(ClientError):
        browser.get(request(allowCredentials=[{"type": "smoke-signal", "id": first["id"]}]))


def test_a_discoverable_credential_replaces_the_users_older_one():
    browser = browser_with()
    browser.create(creation())
    newer = browser.create(creation())
    assert [base64url.encode(each.id) for each in browser.authenticator.credentials] == [newer["id"]]


def test_credentials_that_are_not_discoverable_must_be_listed():
    browser = browser_with(discoverable=False)
    made = browser.create(creation(authenticatorSelection={"residentKey": "preferred"}, extensions={"credProps": True}))
    assert made["clientExtensionResults"] == {"credProps": {"rk": False}}
    with pytest.raises(ClientError):
        browser.get(request())
    with pytest.raises(ClientError):
        browser.get(request(made["id"]), mediation="conditional")
    assert "userHandle" not in browser.get(request(made["id"]))["response"]
    with pytest.raises(ClientError) as caught:
        browser.create(creation(authenticatorSelection={"residentKey": "required"}))
    assert caught.value.name == "ConstraintError"


@pytest.mark.parametrize(("requirement", "able", "verified"), [
    ("required", True, True), ("preferred", True, True), ("discouraged", True, False), ("preferred", False, False),
])  # fmt: skip
def test_user_verification(requirement, able, verified):
    browser = browser_with(user_verified=able)
    browser.create(creation())
    assert bool(flags(browser.get(request(userVerification=requirement))) & 0x04) is verified


def test_user_verification_that_is_not_possible():
    browser = browser_with(user_verified=False)
    with pytest.raises(ClientError) as caught:
        browser.create(creation(authenticatorSelection={"userVerification": "required"}))
    assert caught.value.name == "NotAllowedError"


def test_conditional_create_asks_nobody():
    response = browser_with().create(creation(), mediation="conditional")
    assert flags(response) == 0x40
    with pytest.raises(ClientError) as caught:
        browser_with().create(
            creation(authenticatorSelection={"userVerification": "required"}), mediation="conditional"
        )
    assert caught.value.name == "ConstraintError"


def test_conditional_get_offers_discoverable_credentials():
    browser = browser_with()
    made = browser.create(creation())
    assert browser.get(request(), mediation="conditional")["id"] == made["id"]
    assert browser.get(request(made["id"]), mediation="conditional")["id"] == made["id"]


def test_attestation_that_nobody_asked_for_is_taken_away():
    options = creation(attestation="none")
    assert attestation_object(browser_with(attestation="packed").create(options))["fmt"] == "none"
    assert attestation_object(browser_with(attestation="packed-self").create(options))["attStmt"] == {}
    anonymous = browser_with(attestation="packed-self", aaguid=bytes(16)).create(options)
    assert attestation_object(anonymous)["fmt"] == "packed"


def test_the_first_algorithm_that_both_know_is_taken():
    browser = browser_with(algorithms=(-257, -7))
    assert browser.create(creation(-8, -7, -257))["response"]["publicKeyAlgorithm"] == -7
    with pytest.raises(ClientError) as caught:
        browser.create(creation(-8))
    assert caught.value.name == "NotSupportedError"
    with pytest.raises(ClientError):
        browser_with(attestation="apple").create(creation(-8))


def test_counters():
    counting, silent = browser_with(counter=7), browser_with(counter=None)
    for browser, counts in ((counting, [7, 8, 9]), (silent, [0, 0, 0])):
        responses = [browser.create(creation()), browser.get(request()), browser.get(request())]
        data = [base64url.decode(each["response"]["authenticatorData"], "") for each in responses]
        assert [int.from_bytes(each[33:37], "big") for each in data] == counts


def test_prf_is_a_function_of_credential_and_input():
    browser = browser_with()
    prf = {"prf": {"eval": {"first": "AAEC", "second": "AwQF"}}}
    first = browser.create(creation(extensions=prf))["clientExtensionResults"]["prf"]
    again = browser.get(request(extensions=prf))["clientExtensionResults"]["prf"]
    assert first == {"enabled": True, "results": again["results"]}
    assert again["results"]["first"] != again["results"]["second"]


def test_large_blobs_are_kept():
    browser = browser_with()
    browser.create(creation(extensions={"largeBlob": {"support": "required"}}))
    read = request(extensions={"largeBlob": {"read": True}})
    assert browser.get(read)["clientExtensionResults"] == {"largeBlob": {}}
    browser.get(request(extensions={"largeBlob": {"write": "AAEC"}}))
    assert browser.get(read)["clientExtensionResults"] == {"largeBlob": {"blob": "AAEC"}}


def test_settings_that_do_not_exist():
    with pytest.raises(ValueError, match="no attestation format"):
        SoftwareAuthenticator(attestation="wax")
    with pytest.raises(ValueError, match="no algorithms"):
        SoftwareAuthenticator(algorithms=(-1,))
    with pytest.raises(ValueError, match="16 bytes"):
        SoftwareAuthenticator(aaguid=b"short")
