"""The extensions step: outputs answer what was asked."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unlatch.codes import Code
from unlatch.errors import ExtensionRefused, Malformed, UnlatchError
from unlatch.steps.extensions import UnsolicitedExtensions, verify_extensions
from unlatch.terms import CeremonyKind
from unlatch.wire import base64url

CREATE, GET = CeremonyKind.REGISTRATION, CeremonyKind.AUTHENTICATION
ID = b"credential id"
ID_TEXT = base64url.encode(ID)
REQUIRED = {"credentialProtectionPolicy": "userVerificationRequired"}
WITH_LIST = {"credentialProtectionPolicy": "userVerificationOptionalWithCredentialIDList"}
OPTIONAL = {"credentialProtectionPolicy": "userVerificationOptional"}
ENFORCED = {"enforceCredentialProtectionPolicy": True}


def verify(requested, client=None, signed=None, *, ceremony=CREATE, unsolicited=UnsolicitedExtensions.IGNORE):
    return verify_extensions(requested, client or {}, signed or {}, unsolicited, ceremony=ceremony, credential_id=ID)


@pytest.mark.parametrize("policy", list(UnsolicitedExtensions))
def test_nothing_is_always_fine(policy):
    assert verify({}, unsolicited=policy) == ()
    asked = {"credProps": True, "prf": {}, "largeBlob": {"support": "required"}, **REQUIRED}
    assert verify(asked, unsolicited=policy) == ()


def test_unsolicited_outputs_are_told_or_refused():
    client, signed = {"credProps": {"rk": True}, "odd": 1}, {"minPinLength": 4}
    assert verify({"credProps": True}, client, signed) == ("minPinLength", "odd")
    with pytest.raises(ExtensionRefused) as caught:
        verify({"credProps": True}, client, signed, unsolicited=UnsolicitedExtensions.REFUSE)
    assert caught.value.code is Code.EXTENSION_UNSOLICITED
    assert caught.value.evidence()["received"] == ["minPinLength", "odd"]
    assert verify({"credProps": True}, {"credProps": {}}, unsolicited=UnsolicitedExtensions.REFUSE) == ()


def test_the_shape_of_outputs_is_judged_in_the_ceremony_that_it_is():
    with pytest.raises(Malformed):
        verify({"credBlob": "AQ"}, signed={"credBlob": b"\x01"})
    verify({"getCredBlob": True}, signed={"credBlob": b"\x01"}, ceremony=GET)


@pytest.mark.parametrize(
    ("requested", "granted"),
    [
        (REQUIRED, 3),
        (REQUIRED | ENFORCED, 3),
        (WITH_LIST, 2),
        (WITH_LIST | ENFORCED, 3),
        (OPTIONAL | ENFORCED, 1),
        (REQUIRED, None),
        (WITH_LIST | {"enforceCredentialProtectionPolicy": False}, None),
        (OPTIONAL | ENFORCED, None),
        ({}, 1),
        (ENFORCED, None),
        (ENFORCED | {"credentialProtectionPolicy": ["userVerificationRequired"]}, 1),
        (ENFORCED | {"credentialProtectionPolicy": "unknown"}, 1),
    ],
    ids=str,
)
def test_protection_that_is_enough(requested, granted):
    verify(requested, signed={} if granted is None else {"credProtect": granted})


@pytest.mark.parametrize(
    ("requested", "granted"),
    [
        (REQUIRED, 2),
        (REQUIRED, 1),
        (REQUIRED | ENFORCED, 0),
        (WITH_LIST, 1),
        (REQUIRED | ENFORCED, None),
        (WITH_LIST | ENFORCED, None),
    ],
    ids=str,
)
def test_protection_that_is_not_enough(requested, granted):
    with pytest.raises(ExtensionRefused) as caught:
        verify(requested, signed={} if granted is None else {"credProtect": granted})
    assert caught.value.code is Code.EXTENSION_LESS_THAN_ASKED
    assert caught.value.received == granted


def test_protection_is_not_told_in_a_sign_in():
    verify(REQUIRED | ENFORCED, ceremony=GET)


FIRST, BOTH = {"first": "AQ"}, {"first": "AQ", "second": "Ag"}
ONE_RESULT = {"results": {"first": None}}
TWO_RESULTS = {"results": {"first": None, "second": None}}


@pytest.mark.parametrize(
    ("asked", "output"),
    [
        ({}, {}),
        ({}, {"enabled": True}),
        ({"eval": FIRST}, {"enabled": False}),
        ({"eval": FIRST}, ONE_RESULT),
        ({"eval": BOTH}, TWO_RESULTS),
        ({"eval": BOTH, "evalByCredential": {ID_TEXT: FIRST}}, ONE_RESULT),
        ({"eval": BOTH, "evalByCredential": {"other": FIRST}}, TWO_RESULTS),
        ({"eval": FIRST, "evalByCredential": None}, ONE_RESULT),
        ("of another library", {"enabled": True}),
    ],
    ids=str,
)
def test_prf_results_that_answer(asked, output):
    verify({"prf": asked}, {"prf": output}, ceremony=GET)


@pytest.mark.parametrize(
    ("asked", "output"),
    [
        ({}, ONE_RESULT),
        (True, ONE_RESULT),
        ({"eval": FIRST}, TWO_RESULTS),
        ({"eval": BOTH}, ONE_RESULT),
        ({"eval": "?"}, ONE_RESULT),
        ({"eval": BOTH, "evalByCredential": {ID_TEXT: FIRST}}, TWO_RESULTS),
        ({"evalByCredential": {"other": FIRST}}, ONE_RESULT),
    ],
    ids=str,
)
def test_prf_results_that_answer_something_else(asked, output):
    with pytest.raises(ExtensionRefused) as caught:
        verify({"prf": asked}, {"prf": output}, ceremony=GET)
    assert caught.value.code is Code.EXTENSION_CONTRADICTS


def test_prf_results_that_nobody_asked_for_are_unsolicited():
    assert verify({}, {"prf": TWO_RESULTS}) == ("prf",)


@pytest.mark.parametrize(
    ("asked", "output"),
    [
        ({"support": "required"}, {"supported": True}),
        ({"support": "required"}, {}),
        ({"support": "preferred"}, {"supported": False}),
        ({"read": True}, {}),
        ({"read": True}, {"blob": "AQ"}),
        ({"read": True}, {"supported": True}),
        ({"write": "AQ"}, {"written": True}),
        ({"write": "AQ"}, {"written": False}),
        ("of another library", {"supported": True}),
    ],
    ids=str,
)
def test_large_blob_outputs_that_answer(asked, output):
    assert verify({"largeBlob": asked}, {"largeBlob": output}, ceremony=GET) == ()


@pytest.mark.parametrize(
    ("asked", "output", "code"),
    [
        ({"support": "required"}, {"supported": False}, Code.EXTENSION_LESS_THAN_ASKED),
        ({"support": "preferred"}, {"supported": True, "blob": "AQ"}, Code.EXTENSION_CONTRADICTS),
        ({"support": "preferred"}, {"written": True}, Code.EXTENSION_CONTRADICTS),
        ({"read": True}, {"written": True}, Code.EXTENSION_CONTRADICTS),
        ({"write": "AQ"}, {"blob": "AQ"}, Code.EXTENSION_CONTRADICTS),
        ("of another library", {"blob": "AQ"}, Code.EXTENSION_CONTRADICTS),
    ],
    ids=str,
)
def test_large_blob_outputs_that_answer_something_else(asked, output, code):
    with pytest.raises(ExtensionRefused) as caught:
        verify({"largeBlob": asked}, {"largeBlob": output})
    assert caught.value.code is code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["first", "eval", "evalByCredential", "support", ID_TEXT]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(["prf", "largeBlob", "credentialProtectionPolicy", "enforceCredentialProtectionPolicy", "x"])


@given(st.dictionaries(NAMES, JSON), st.sampled_from(list(UnsolicitedExtensions)))
def test_no_shape_of_an_input_raises_anything_foreign(requested, unsolicited):
    outputs = {"prf": {"results": {"first": None}}, "largeBlob": {"blob": "AQ"}}
    with suppress(UnlatchError):
        verify(requested, outputs, {"credProtect": 1}, unsolicited=unsolicited)
