"""Extensions that Chromium and its virtual authenticator speak; an output that was not asked for would be refused."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chromium.party import DIRECT, USER, party, register, sign_in
from chromium.tabs import extension_results
from unlatch import CredentialRecord, Refused
from unlatch.codes import Code
from unlatch.testing.keys import KeyPair
from unlatch.wire import base64url

SALT, OTHER_SALT = base64url.encode(b"a salt"), base64url.encode(b"another salt")


def test_cred_props(tab, site):
    tab.plug_in()
    registration = register(party(site.origin), tab, extensions={"credProps": True})
    assert registration.client_extension_results["credProps"]["rk"] is True
    assert registration.record.discoverable is True


def test_prf_at_creation_and_at_sign_in(tab, site):
    rp = party(site.origin)
    tab.plug_in(hasPrf=True)
    ceremony = rp.begin_registration(USER, extensions={"prf": {"eval": {"first": SALT, "second": OTHER_SALT}}})
    body = tab.create(ceremony.options.to_json())
    made = extension_results(body)["prf"]
    assert made["enabled"] is True
    registration = rp.finish_registration(ceremony.state, body)

    ceremony = rp.begin_authentication(extensions={"prf": {"eval": {"first": SALT, "second": OTHER_SALT}}})
    body = tab.get(ceremony.options.to_json())
    assert extension_results(body)["prf"]["results"] == made["results"]
    assert rp.finish_authentication(ceremony.state, body, registration.record).user_handle == USER.id


def test_prf_by_credential(tab, site):
    rp = party(site.origin)
    tab.plug_in(hasPrf=True)
    record = register(rp, tab, extensions={"prf": {}}).record
    by_credential = {base64url.encode(record.id): {"first": SALT}}
    ceremony = rp.begin_authentication(
        user=USER, records=[record], extensions={"prf": {"evalByCredential": by_credential}}
    )
    body = tab.get(ceremony.options.to_json())
    assert set(extension_results(body)["prf"]["results"]) == {"first"}
    assert rp.finish_authentication(ceremony.state, body, record).user_handle == USER.id


def test_prf_without_support(tab, site):
    tab.plug_in(hasPrf=False)
    assert register(party(site.origin), tab, extensions={"prf": {}}).user.id == USER.id


def test_large_blob(tab, site):
    rp = party(site.origin)
    tab.plug_in(hasLargeBlob=True)
    registration = register(rp, tab, extensions={"largeBlob": {"support": "required"}})
    assert registration.client_extension_results["largeBlob"] == {"supported": True}
    record = registration.record

    blob = base64url.encode(b"a few bytes that are kept")
    written = sign_in(rp, tab, record, extensions={"largeBlob": {"write": blob}})
    assert written.client_extension_results["largeBlob"] == {"written": True}
    ceremony = rp.begin_authentication(user=USER, records=[record], extensions={"largeBlob": {"read": True}})
    body = tab.get(ceremony.options.to_json())
    assert extension_results(body)["largeBlob"] == {"blob": blob}
    assert rp.finish_authentication(ceremony.state, body, written.record).user_handle == USER.id


def test_cred_blob(tab, site):
    rp = party(site.origin, attestation=DIRECT, unsolicited_extensions="ignore")
    tab.plug_in(transport="usb", hasCredBlob=True)
    registration = register(rp, tab, extensions={"credBlob": base64url.encode(b"up to 32 bytes")})
    assert registration.authenticator_extensions["credBlob"] is True
    signed_in = sign_in(rp, tab, registration.record, extensions={"getCredBlob": True})
    assert signed_in.authenticator_extensions["credBlob"] == b"up to 32 bytes"


def test_cred_protect_that_the_browser_asks_for_by_itself(tab, site):
    """A relying party that refuses what it did not ask for refuses every such authenticator: not the default."""
    tab.plug_in(transport="usb", hasCredBlob=True)
    registration = register(party(site.origin, unsolicited_extensions="ignore"), tab)
    assert registration.unsolicited_extensions == ("credProtect",)
    with pytest.raises(Refused) as caught:
        register(party(site.origin), tab)
    assert (caught.value.code, caught.value.received) == (Code.EXTENSION_UNSOLICITED, ["credProtect"])


def test_min_pin_length(tab, site):
    rp = party(site.origin, attestation=DIRECT)
    tab.plug_in(transport="usb", hasMinPinLength=True)
    registration = register(rp, tab, extensions={"minPinLength": True})
    assert registration.authenticator_extensions["minPinLength"] >= 4


def test_hmac_create_secret_is_not_answered(tab, site):
    """The virtual authenticator speaks `prf` without the signed output of CTAP's hmac-secret; absence never fails."""
    tab.plug_in(transport="usb", hasPrf=True)
    asked = {"hmacCreateSecret": True, "prf": {}}
    registration = register(party(site.origin, attestation=DIRECT), tab, extensions=asked)
    assert registration.authenticator_extensions == {}
    assert registration.client_extension_results["prf"]["enabled"] is True


@pytest.mark.parametrize(
    ("policy", "level"),
    [("userVerificationOptionalWithCredentialIDList", 2), ("userVerificationRequired", 3)],
)
def test_cred_protect(tab, site, policy, level):
    rp = party(site.origin, attestation=DIRECT, user_verification="required")
    # It has no option for credProtect alone.
    tab.plug_in(transport="usb", hasCredBlob=True)
    asked = {"credentialProtectionPolicy": policy, "enforceCredentialProtectionPolicy": True}
    registration = register(rp, tab, extensions=asked)
    assert registration.authenticator_extensions["credProtect"] == level
    assert sign_in(rp, tab, registration.record).user_handle == USER.id


def test_all_at_once(tab, site):
    rp = party(site.origin, attestation=DIRECT, unsolicited_extensions="ignore")
    tab.plug_in(hasPrf=True, hasLargeBlob=True, hasCredBlob=True, hasMinPinLength=True)
    asked = {
        "credProps": True,
        "prf": {"eval": {"first": SALT}},
        "largeBlob": {"support": "preferred"},
        "credBlob": base64url.encode(b"blob"),
        "minPinLength": True,
    }
    registration = register(rp, tab, extensions=asked)
    assert registration.unsolicited_extensions == ("credProtect",)
    assert registration.client_extension_results.keys() == {"credProps", "prf", "largeBlob", "credBlob"}
    assert registration.authenticator_extensions.keys() >= {"credBlob", "credProtect", "minPinLength"}
    signed_in = sign_in(rp, tab, registration.record, extensions={"getCredBlob": True, "largeBlob": {"read": True}})
    assert signed_in.unsolicited_extensions == ()


def test_outputs_for_another_question_are_refused(tab, site):
    """The state says what was asked; what the page asked beside it comes back and is refused."""
    rp = party(site.origin)
    tab.plug_in()
    ceremony = rp.begin_registration(USER)
    options = {**ceremony.options.to_json(), "extensions": {"credProps": True}}
    with pytest.raises(Refused) as caught:
        rp.finish_registration(ceremony.state, tab.create(options))
    assert caught.value.code is Code.EXTENSION_UNSOLICITED


def test_app_id_of_an_old_u2f_key(new_tab, secure_sites):
    """A key that was registered through the U2F API signs in under its AppID, and only where that was asked for."""
    app_id, origin = "https://shop.test/app-id.json", "https://shop.test"
    rp = party(origin, rp_id="shop.test", user_verification="discouraged")
    new_tab.page.goto(origin)
    authenticator = new_tab.plug_in(
        protocol="u2f", transport="usb", hasResidentKey=False, hasUserVerification=False, isUserVerified=False
    )
    key = KeyPair.generate(-7)
    private = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    handle = b"a key handle of old times"
    credential = {
        "credentialId": _base64(handle),
        "isResidentCredential": False,
        "rpId": app_id,
        "privateKey": _base64(private),
        "signCount": 1,
    }
    authenticator.command("addCredential", credential=credential)
    record = CredentialRecord(
        id=handle, public_key=key.encoded, sign_count=1, user_handle=USER.id, rp_id="shop.test", transports=("usb",)
    )
    signed_in = sign_in(rp, new_tab, record, extensions={"appid": app_id})
    assert signed_in.client_extension_results == {"appid": True}

    asked = rp.begin_authentication(user=USER, records=[record], extensions={"appid": app_id})
    body = new_tab.get(asked.options.to_json())
    body = {**json.loads(body), "clientExtensionResults": {}}
    plain = rp.begin_authentication(user=USER, records=[record], challenge=asked.state.challenge)
    with pytest.raises(Refused) as caught:
        rp.finish_authentication(plain.state, body, record)
    assert caught.value.code is Code.RP_ID_HASH_MISMATCH


def _base64(data: bytes) -> str:
    """Chromium's commands take the ordinary alphabet, padded."""
    return b64encode(data).decode()
