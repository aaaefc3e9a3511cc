"""Extension inputs are judged when options are built: each mistake with its path."""

import pytest

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import Attachment, ResidentKey, UserVerification
from unlatch.wire import base64url
from unlatch.wire.extensions import rules
from unlatch.wire.extensions.credential_protection import CredentialProtection
from unlatch.wire.extensions.inputs import AuthenticationInputs, RegistrationInputs
from unlatch.wire.extensions.large_blob import LargeBlobSupport
from unlatch.wire.extensions.prf import PrfValues
from unlatch.wire.extensions.rules import check_creation_inputs, check_request_inputs

FIRST, SECOND = b"\x01" * 16, b"\x02" * 16
FIRST_ID, SECOND_ID = base64url.encode(FIRST), base64url.encode(SECOND)
VALUE = base64url.encode(b"value")
SALT = base64url.encode(bytes(32))


def creation(inputs, **options):
    options = {
        "resident_key": ResidentKey.REQUIRED,
        "user_verification": UserVerification.PREFERRED,
        "attachment": None,
        **options,
    }
    return check_creation_inputs(inputs, **options)


def request(inputs, allowed=(FIRST,)):
    return check_request_inputs(inputs, allowed=allowed)


GOOD_AT_CREATION = [
    {},
    {"credProps": True},
    {"prf": {}},
    {"prf": {"eval": {"first": VALUE}}},
    {"prf": {"eval": {"first": VALUE, "second": ""}}},
    {"largeBlob": {"support": "required"}},
    {"largeBlob": {"support": "preferred"}},
    {"appidExclude": "https://example.org/u2f.json"},
    {"appidExclude": "https://example.org/".ljust(2048, "x")},
    {"credentialProtectionPolicy": "userVerificationOptional"},
    {"credentialProtectionPolicy": "userVerificationRequired", "enforceCredentialProtectionPolicy": True},
    {"credentialProtectionPolicy": "userVerificationRequired", "enforceCredentialProtectionPolicy": False},
    {"minPinLength": True, "credBlob": VALUE, "hmacCreateSecret": True, "uvm": True},
    {"pinComplexityPolicy": True, "thirdPartyPayment": True},
    {"example.extension": [1, {"deep": None}], "other": 1.5},
]

BAD_AT_CREATION = [
    ([], "extensions"),
    ("credProps", "extensions"),
    ({"x": b"bytes"}, "extensions"),
    ({"x": float("nan")}, "extensions"),
    ({"x": "\ud800"}, "extensions"),
    ({1: True}, "extensions"),
    ({"credProps": False}, "extensions.credProps"),
    ({"credProps": 1}, "extensions.credProps"),
    ({"prf": True}, "extensions.prf"),
    ({"prf": {"eval": {}}}, "extensions.prf.eval.first"),
    ({"prf": {"eval": [VALUE]}}, "extensions.prf.eval"),
    ({"prf": {"eval": {"first": "AQ=="}}}, "extensions.prf.eval.first"),
    ({"prf": {"eval": {"first": VALUE, "second": 2}}}, "extensions.prf.eval.second"),
    ({"prf": {"eval": {"first": VALUE, "third": VALUE}}}, "extensions.prf.eval"),
    ({"prf": {"evaluate": {}}}, "extensions.prf"),
    ({"prf": {"evalByCredential": {FIRST_ID: {"first": VALUE}}}}, "extensions.prf.evalByCredential"),
    ({"largeBlob": {}}, "extensions.largeBlob.support"),
    ({"largeBlob": True}, "extensions.largeBlob"),
    ({"largeBlob": {"support": "maybe"}}, "extensions.largeBlob.support"),
    ({"largeBlob": {"support": ["required"]}}, "extensions.largeBlob.support"),
    ({"largeBlob": {"read": True}}, "extensions.largeBlob.read"),
    ({"largeBlob": {"support": "required", "write": VALUE}}, "extensions.largeBlob.write"),
    ({"appidExclude": "http://example.org"}, "extensions.appidExclude"),
    ({"appidExclude": "https://"}, "extensions.appidExclude"),
    ({"appidExclude": "https://[bad/"}, "extensions.appidExclude"),
    ({"appidExclude": "https://exa mple.org"}, "extensions.appidExclude"),
    ({"appidExclude": "https://exämple.org"}, "extensions.appidExclude"),
    ({"appidExclude": "https://example.org/".ljust(2049, "x")}, "extensions.appidExclude"),
    ({"appidExclude": None}, "extensions.appidExclude"),
    ({"credentialProtectionPolicy": "strong"}, "extensions.credentialProtectionPolicy"),
    ({"credentialProtectionPolicy": 3}, "extensions.credentialProtectionPolicy"),
    ({"credentialProtectionPolicy": ["userVerificationRequired"]}, "extensions.credentialProtectionPolicy"),
    ({"enforceCredentialProtectionPolicy": True}, "extensions.credentialProtectionPolicy"),
    (
        {"credentialProtectionPolicy": "userVerificationRequired", "enforceCredentialProtectionPolicy": "true"},
        "extensions.enforceCredentialProtectionPolicy",
    ),
    ({"minPinLength": 4}, "extensions.minPinLength"),
    ({"credBlob": ""}, "extensions.credBlob"),
    ({"credBlob": [1, 2]}, "extensions.credBlob"),
    ({"uvm": None}, "extensions.uvm"),
    ({"appid": "https://example.org"}, "extensions.appid"),
    ({"getCredBlob": True}, "extensions.getCredBlob"),
    ({"hmacGetSecret": {"salt1": SALT}}, "extensions.hmacGetSecret"),
    ({"credProtect": 3}, "extensions.credProtect"),
    ({"hmac-secret": True}, "extensions.hmac-secret"),
    ({"remoteClientDataJSON": "{}"}, "extensions.remoteClientDataJSON"),
    ({"payment": {}}, "extensions.payment.isPayment"),
    ({"payment": True}, "extensions.payment.isPayment"),
]

GOOD_AT_REQUEST = [
    {},
    {"appid": "https://example.org/u2f.json"},
    {"prf": {}},
    {"prf": {"eval": {"first": VALUE}, "evalByCredential": {}}},
    {"prf": {"evalByCredential": {FIRST_ID: {"first": VALUE, "second": VALUE}}}},
    {"largeBlob": {"read": True}},
    {"largeBlob": {"write": VALUE}},
    {"getCredBlob": True, "uvm": True, "thirdPartyPayment": True},
    {"hmacGetSecret": {"salt1": SALT}},
    {"hmacGetSecret": {"salt1": SALT, "salt2": SALT}},
    {"example.extension": "passes"},
]

BAD_AT_REQUEST = [
    ({"appid": "ftp://example.org"}, "extensions.appid"),
    ({"prf": True}, "extensions.prf"),
    ({"prf": {"eval": {}}}, "extensions.prf.eval.first"),
    ({"prf": {"evalByCredential": {SECOND_ID: {"first": VALUE}}}}, f"extensions.prf.evalByCredential.{SECOND_ID}"),
    ({"prf": {"evalByCredential": {"": {"first": VALUE}}}}, "extensions.prf.evalByCredential."),
    ({"prf": {"evalByCredential": {"not base64url": {"first": VALUE}}}}, "extensions.prf.evalByCredential"),
    ({"prf": {"evalByCredential": {FIRST_ID: {}}}}, f"extensions.prf.evalByCredential.{FIRST_ID}.first"),
    ({"prf": {"evalByCredential": [FIRST_ID]}}, "extensions.prf.evalByCredential"),
    ({"largeBlob": {"support": "required"}}, "extensions.largeBlob.support"),
    ({"largeBlob": {}}, "extensions.largeBlob"),
    ({"largeBlob": {"read": True, "write": VALUE}}, "extensions.largeBlob"),
    ({"largeBlob": {"read": False}}, "extensions.largeBlob.read"),
    ({"largeBlob": {"write": True}}, "extensions.largeBlob.write"),
    ({"largeBlob": True}, "extensions.largeBlob"),
    ({"credProps": True}, "extensions.credProps"),
    ({"minPinLength": True}, "extensions.minPinLength"),
    ({"credBlob": VALUE}, "extensions.credBlob"),
    ({"appidExclude": "https://example.org"}, "extensions.appidExclude"),
    ({"hmacCreateSecret": True}, "extensions.hmacCreateSecret"),
    ({"credentialProtectionPolicy": "userVerificationRequired"}, "extensions.credentialProtectionPolicy"),
    ({"payment": {"isPayment": True}}, "extensions.payment"),
    ({"hmacGetSecret": {}}, "extensions.hmacGetSecret.salt1"),
    ({"hmacGetSecret": {"salt2": SALT}}, "extensions.hmacGetSecret.salt1"),
    ({"hmacGetSecret": {"salt1": VALUE}}, "extensions.hmacGetSecret.salt1"),
    ({"hmacGetSecret": {"salt1": SALT, "salt2": VALUE}}, "extensions.hmacGetSecret.salt2"),
    ({"hmacGetSecret": {"salt1": SALT, "salt3": SALT}}, "extensions.hmacGetSecret"),
    ({"getCredBlob": VALUE}, "extensions.getCredBlob"),
]


@pytest.mark.parametrize("inputs", GOOD_AT_CREATION, ids=str)
def test_a_registration_takes(inputs):
    assert creation(inputs) == inputs


@pytest.mark.parametrize(("inputs", "path"), BAD_AT_CREATION, ids=str)
def test_a_registration_refuses(inputs, path):
    with pytest.raises(Malformed) as caught:
        creation(inputs)
    assert (caught.value.code, caught.value.path) == (Code.EXTENSION_INPUT, path)
    assert caught.value.detail


@pytest.mark.parametrize("inputs", GOOD_AT_REQUEST, ids=str)
def test_a_sign_in_takes(inputs):
    assert request(inputs) == inputs


@pytest.mark.parametrize(("inputs", "path"), BAD_AT_REQUEST, ids=str)
def test_a_sign_in_refuses(inputs, path):
    with pytest.raises(Malformed) as caught:
        request(inputs)
    assert caught.value.code is Code.EXTENSION_INPUT
    assert caught.value.path.startswith(path)


def test_deep_inputs_are_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Malformed) as caught:
        creation({"example": deep})
    assert caught.value.path == "extensions"


def test_what_was_checked_cannot_be_changed_afterwards():
    inputs = {"prf": {"eval": {"first": VALUE}}}
    checked = creation(inputs)
    inputs["prf"]["eval"]["first"] = "?"
    assert checked == {"prf": {"eval": {"first": VALUE}}}


@pytest.mark.parametrize("allowed", [(), (FIRST, SECOND)])
def test_a_write_needs_exactly_one_credential(allowed):
    with pytest.raises(Malformed) as caught:
        request({"largeBlob": {"write": VALUE}}, allowed)
    assert caught.value.path == "extensions.largeBlob.write"
    assert request({"largeBlob": {"read": True}}, allowed)


@pytest.mark.parametrize("name", ["largeBlob", "payment"])
def test_what_needs_a_discoverable_credential(name):
    inputs = {"largeBlob": {"support": "preferred"}, "payment": {"isPayment": True}}[name]
    options = {"user_verification": UserVerification.REQUIRED, "attachment": Attachment.PLATFORM}
    assert creation({name: inputs}, resident_key=ResidentKey.PREFERRED, **options)
    with pytest.raises(Malformed) as caught:
        creation({name: inputs}, resident_key=ResidentKey.DISCOURAGED, **options)
    assert caught.value.path == f"extensions.{name}"


@pytest.mark.parametrize(
    "options",
    [
        {"user_verification": UserVerification.PREFERRED, "attachment": Attachment.PLATFORM},
        {"user_verification": UserVerification.REQUIRED, "attachment": Attachment.CROSS_PLATFORM},
        {"user_verification": UserVerification.REQUIRED, "attachment": None},
    ],
)
def test_what_a_payment_credential_needs(options):
    with pytest.raises(Malformed) as caught:
        creation({"payment": {"isPayment": True}}, **options)
    assert caught.value.path == "extensions.payment"


def test_typed_inputs_of_a_registration():
    assert RegistrationInputs().to_json() == {}
    inputs = RegistrationInputs(
        cred_props=True,
        prf=True,
        large_blob=LargeBlobSupport.REQUIRED,
        app_id_exclude="https://example.org",
        credential_protection=CredentialProtection.USER_VERIFICATION_REQUIRED,
        enforce_protection=True,
        min_pin_length=True,
        cred_blob=b"value",
        hmac_create_secret=True,
        uvm=True,
        payment=True,
        others={"example": 1},
    ).to_json()
    assert inputs == {
        "credProps": True,
        "prf": {},
        "largeBlob": {"support": "required"},
        "appidExclude": "https://example.org",
        "credentialProtectionPolicy": "userVerificationRequired",
        "enforceCredentialProtectionPolicy": True,
        "minPinLength": True,
        "credBlob": VALUE,
        "hmacCreateSecret": True,
        "uvm": True,
        "payment": {"isPayment": True},
        "example": 1,
    }
    platform = {"user_verification": UserVerification.REQUIRED, "attachment": Attachment.PLATFORM}
    assert creation(inputs, **platform) == inputs
    assert RegistrationInputs(prf=PrfValues(b"value", b"")).to_json() == {
        "prf": {"eval": {"first": VALUE, "second": ""}}
    }


def test_typed_inputs_of_a_sign_in():
    assert AuthenticationInputs().to_json() == {}
    inputs = AuthenticationInputs(
        app_id="https://example.org",
        prf=PrfValues(b"value"),
        prf_by_credential={FIRST: PrfValues(b"value", b"value")},
        large_blob_read=True,
        get_cred_blob=True,
        uvm=True,
        others={"example": 1},
    ).to_json()
    assert inputs == {
        "appid": "https://example.org",
        "prf": {"eval": {"first": VALUE}, "evalByCredential": {FIRST_ID: {"first": VALUE, "second": VALUE}}},
        "largeBlob": {"read": True},
        "getCredBlob": True,
        "uvm": True,
        "example": 1,
    }
    assert request(inputs) == inputs
    assert AuthenticationInputs(large_blob_write=b"").to_json() == {"largeBlob": {"write": ""}}
    with pytest.raises(Malformed):
        request(AuthenticationInputs(large_blob_read=True, large_blob_write=b"x").to_json())
    assert AuthenticationInputs(prf_by_credential={FIRST: PrfValues(b"value")}).to_json() == {
        "prf": {"evalByCredential": {FIRST_ID: {"first": VALUE}}}
    }


def test_levels_of_protection():
    assert [protection.level for protection in CredentialProtection] == [1, 2, 3]


def test_other_extensions_need_no_discoverable_credential():
    assert creation({"prf": {}}, resident_key=ResidentKey.DISCOURAGED) == {"prf": {}}


@pytest.mark.parametrize(
    ("judge", "inputs", "words"),
    [
        (creation, {"credentialProtectionPolicy": "strong"}, f"one of {', '.join(CredentialProtection)}"),
        (
            creation,
            {"prf": {"eval": {"first": VALUE, "third": VALUE}}},
            "has no member 'third'; its members are first, second",
        ),
        (creation, {"credBlob": "="}, "length or last character is impossible in canonical base64url"),
        (creation, {"appid": "https://example.org"}, "belongs to a sign-in; a registration takes appidExclude"),
        (creation, {"credProtect": 3}, "is the output; the input is called credentialProtectionPolicy"),
        (request, {"credProtect": 3}, "is the output; the input is called credentialProtectionPolicy"),
        (request, {"credBlob": VALUE}, "belongs to a registration; a sign-in takes getCredBlob"),
        (request, {"credProps": True}, "belongs to a registration"),
    ],
)
def test_what_to_write_instead_is_told(judge, inputs, words):
    with pytest.raises(Malformed) as caught:
        judge(inputs)
    assert caught.value.detail == words


def test_the_inputs_of_a_sign_in_have_a_word_for_those_who_register():
    assert rules._REQUEST.keys() - rules._CREATION.keys() <= rules._INSTEAD.keys()
    assert rules._REQUEST_WITH_ALLOWED.keys() <= rules._CREATION.keys()
