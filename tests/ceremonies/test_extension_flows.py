"""Extensions from begin to finish, answered by the software authenticator."""

import json
from dataclasses import replace

import pytest

from unlatch import (
    Attachment,
    CeremonyState,
    ExtensionRefused,
    Malformed,
    Policy,
    RegistrationResponse,
    RelyingParty,
    UserEntity,
)
from unlatch.terms import ResidentKey
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire import base64url, cbor
from unlatch.wire.authenticator_data import decode_authenticator_data
from unlatch.wire.extensions.credential_protection import CredentialProtection
from unlatch.wire.extensions.inputs import AuthenticationInputs, RegistrationInputs
from unlatch.wire.extensions.prf import PrfOutput, PrfValues

ADA = UserEntity(b"handle-of-ada", "ada", "Ada")
RP = RelyingParty(id="example.org")
ALL = RegistrationInputs(
    cred_props=True,
    prf=PrfValues(b"first", b"second"),
    large_blob="required",
    credential_protection="userVerificationRequired",
    enforce_protection=True,
    min_pin_length=True,
    cred_blob=b"kept",
    hmac_create_secret=True,
    uvm=True,
)


@pytest.fixture
def browser():
    return EmulatedBrowser("https://example.org", SoftwareAuthenticator())


def register(browser, extensions=ALL, rp=RP, change=lambda response: response):
    begun = rp.begin_registration(ADA, extensions=extensions)
    state = CeremonyState.from_json(begun.state.to_json())
    return rp.finish_registration(state, change(browser.create(begun.options.to_json())))


def sign_in(browser, record, extensions, rp=RP):
    begun = rp.begin_authentication(user=ADA, records=[record], extensions=extensions)
    state = CeremonyState.from_json(begun.state.to_json())
    return rp.finish_authentication(state, browser.get(begun.options.to_json()), record)


def test_a_registration_with_everything(browser):
    registration = register(browser)
    outputs = registration.extensions
    assert registration.record.discoverable is True
    assert outputs.cred_props.rk is True
    assert outputs.prf == PrfOutput(enabled=True, evaluated=True)
    assert outputs.large_blob.supported is True
    assert outputs.credential_protection is CredentialProtection.USER_VERIFICATION_REQUIRED
    assert outputs.min_pin_length == 4
    assert outputs.cred_blob_stored is True
    assert outputs.hmac_secret is True
    assert outputs.uvm[0].method == 2
    assert registration.unsolicited_extensions == ()


def test_a_sign_in_with_everything(browser):
    record = register(browser).record
    written = sign_in(browser, record, AuthenticationInputs(large_blob_write=b"large"))
    assert written.extensions.large_blob.written is True
    asked = AuthenticationInputs(
        prf=PrfValues(b"x", b"y"),
        prf_by_credential={record.id: PrfValues(b"z")},
        large_blob_read=True,
        get_cred_blob=True,
        app_id="https://example.org/u2f.json",
    )
    outputs = sign_in(browser, record, asked).extensions
    assert outputs.prf == PrfOutput(enabled=None, evaluated=True)
    assert outputs.large_blob.blob == b"large"
    assert outputs.cred_blob == b"kept"
    assert outputs.app_id is False


def test_inputs_are_refused_before_anything_begins():
    with pytest.raises(Malformed) as caught:
        RP.begin_registration(ADA, extensions={"largeBlob": {"support": "required"}}, resident_key="discouraged")
    assert caught.value.path == "extensions.largeBlob"
    with pytest.raises(Malformed) as caught:
        RP.begin_authentication(extensions={"prf": {"evalByCredential": {"AQ": {"first": "AQ"}}}})
    assert caught.value.path == "extensions.prf.evalByCredential.AQ"
    payment = RegistrationInputs(payment=True)
    with pytest.raises(Malformed) as caught:
        RP.begin_registration(ADA, extensions=payment, user_verification="required")
    assert caught.value.path == "extensions.payment"
    RP.begin_registration(ADA, extensions=payment, user_verification="required", attachment="platform")
    strict = Policy(user_verification="required", attachment=Attachment.PLATFORM, resident_key=ResidentKey.PREFERRED)
    RelyingParty(id="example.org", policy=strict).begin_registration(ADA, extensions=payment)


def test_no_result_of_a_prf_appears_anywhere(browser):
    begun = RP.begin_registration(ADA, extensions=ALL)
    body = browser.create(begun.options.to_json())
    results = body["clientExtensionResults"]["prf"]["results"]
    secrets = [results["first"], results["second"]]
    raw = [base64url.decode(secret, "") for secret in secrets]
    response = RegistrationResponse.from_json(json.dumps(body))
    registration = RP.finish_registration(begun.state, response)
    shown = [
        repr(response),
        repr(registration),
        registration.record.to_json(),
        json.dumps(registration.client_extension_results),
    ]
    for text in shown:
        assert not any(secret in text or repr(raw[i]) in text for i, secret in enumerate(secrets))
    assert body["clientExtensionResults"]["prf"]["results"] == results


def test_a_prf_in_cleartext_in_authenticator_data_is_not_passed_on(browser):
    def put_cleartext(response):
        inner = response["response"]
        attested = cbor.decode(base64url.decode(inner["attestationObject"], ""), "")
        data = attested["authData"]
        honest = decode_authenticator_data(data, "").extensions
        end = len(data) - len(cbor.encode(honest))
        attested["authData"] = data[:end] + cbor.encode({**honest, "prf": {"results": {"first": bytes(32)}}})
        inner["attestationObject"] = base64url.encode(cbor.encode(attested))
        del inner["authenticatorData"]
        return response

    registration = register(browser, change=put_cleartext)
    assert "prf" not in registration.authenticator_extensions
    assert "credProtect" in registration.authenticator_extensions


def test_less_protection_than_asked_is_refused_at_its_step(browser):
    browser.authenticator.extensions = frozenset(("credProps",))
    with pytest.raises(ExtensionRefused) as caught:
        register(browser)
    assert caught.value.step == "registration.extensions"
    register(browser, RegistrationInputs(credential_protection="userVerificationRequired"))


def test_answers_to_another_question_are_refused_at_their_step(browser):
    record = register(browser).record
    begun = RP.begin_authentication(user=ADA, records=[record], extensions={"largeBlob": {"read": True}})
    body = browser.get(begun.options.to_json())
    body["clientExtensionResults"]["largeBlob"] = {"written": True}
    with pytest.raises(ExtensionRefused) as caught:
        RP.finish_authentication(begun.state, body, record)
    assert caught.value.step == "authentication.extensions"


def test_a_registration_that_was_begun_elsewhere_may_name_credentials(browser):
    """Ours cannot be begun so; where a client took it, values for the credential just made win over the others."""
    begun = RP.begin_registration(ADA, extensions=RegistrationInputs(prf=PrfValues(b"one", b"two")))
    body = browser.create(begun.options.to_json())
    for extensions, accepted in (
        ({"prf": {"evalByCredential": {body["id"]: {"first": "AQ", "second": "AQ"}}}}, True),
        ({"prf": {"evalByCredential": {"AQ": {"first": "AQ", "second": "AQ"}}}}, False),
    ):
        state = replace(begun.state, extensions=extensions)
        if accepted:
            assert RP.finish_registration(state, body).extensions.prf.evaluated
        else:
            with pytest.raises(ExtensionRefused):
                RP.finish_registration(state, body)


def test_a_sign_in_that_was_begun_elsewhere_with_half_a_character(browser):
    """Ours cannot be begun so, and a recorded one is judged: no hash of such an AppID was made by anybody."""
    record = register(browser).record
    begun = RP.begin_authentication(user=ADA, records=[record])
    state = replace(begun.state, extensions={"appid": "https://\ud800"})
    assert RP.finish_authentication(state, browser.get(begun.options.to_json()), record).user_verified
