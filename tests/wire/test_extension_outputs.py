"""Extension outputs: shapes, typed views, secrets that are forgotten."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unlatch.codes import Code
from unlatch.errors import Malformed, UnlatchError
from unlatch.terms import CeremonyKind
from unlatch.wire import base64url
from unlatch.wire.extensions.credential_protection import CredentialProtection
from unlatch.wire.extensions.large_blob import LargeBlobOutput
from unlatch.wire.extensions.outputs import AuthenticationOutputs, CredProps, RegistrationOutputs, discoverable
from unlatch.wire.extensions.prf import PrfOutput, forget_cleartext, forget_results
from unlatch.wire.extensions.shapes import check_outputs, unsolicited_outputs
from unlatch.wire.extensions.user_verification_methods import UserVerificationMethod

CREATE, GET = CeremonyKind.REGISTRATION, CeremonyKind.AUTHENTICATION
SECRET = base64url.encode(b"\xa5" * 32)
LARGEST = [2**32 - 1, 2**16 - 1, 2**16 - 1]

GOOD_CLIENT = {
    "appid": [True, False],
    "appidExclude": [True],
    "credProps": [{}, {"rk": True}, {"rk": False, "authenticatorDisplayName": "x"}],
    "prf": [
        {},
        {"enabled": True},
        {"results": {"first": SECRET}},
        {"results": {"first": {}, "second": SECRET}},
        {"results": {"first": None, "second": None}},
        {"enabled": False, "results": None},
        {"results": {"first": [0xA5] * 32, "second": {str(index): index for index in range(32)}}},
    ],
    "largeBlob": [
        {},
        {"supported": True},
        {"blob": "AQ"},
        {"blob": ""},
        {"blob": {}},
        {"blob": []},
        {"blob": [0, 255]},
        {"blob": {"0": 0, "1": 255}},
        {"written": False},
    ],
    "credBlob": [True, False],
    "getCredBlob": ["AQ", {}, {"0": 1}],
    "hmacCreateSecret": [True],
    "hmacGetSecret": [{"output1": SECRET}, {"output1": SECRET, "output2": SECRET}],
    "uvm": [[[2, 4, 2]]],
    "remoteClientDataJSON": [True],
    "payment": [{}, {"browserBoundSignature": {"signature": "AQ"}}],
    "unknown": [None, 1, [[]]],
}
BAD_CLIENT = {
    "appid": ["true", 1, None, {}],
    "appidExclude": [[]],
    "credProps": [True, [], None, {"rk": 1}, {"rk": None}],
    "prf": [
        None,
        True,
        [],
        {"enabled": 1},
        {"results": []},
        {"results": {}},
        {"results": {"second": SECRET}},
        {"results": {"first": "AQ"}},
        {"results": {"first": SECRET + "AAAA"}},
        {"results": {"first": [1]}},
        {"results": {"first": {str(index): 0 for index in range(33)}}},
        {"results": {"first": SECRET, "second": "="}},
        {"results": {"first": None, "second": "AQ"}},
        {"results": {"first": SECRET, "second": ""}},
    ],
    "largeBlob": [
        True,
        None,
        {"supported": "yes"},
        {"written": None},
        {"blob": None},
        {"blob": "A"},
        {"blob": [256]},
        {"blob": [-1]},
        {"blob": [True]},
        {"blob": ["1"]},
        {"blob": [1, 1.0]},
        {"blob": {"0": 256}},
        {"blob": {"1": 1}},
        {"blob": {"0": 1, "2": 1}},
        {"blob": {"1": 1, "0": 1}},
        {"blob": {"first": 1}},
    ],
    "credBlob": ["AQ"],
    "getCredBlob": [True, "A", {"0": "1"}],
    "hmacCreateSecret": [{}],
    "hmacGetSecret": [{}, True, {"output2": SECRET}, {"output1": "AQ"}],
    "uvm": [
        True,
        [],
        [[]],
        [[1, 2]],
        [[1, 2, 3, 4]],
        [[1, 2, 3]] * 4,
        [[1, 2, -1]],
        [[1, 2, True]],
        [["1", 2, 3]],
        [(1, 2, 3)],
        [[2**32, 0, 0]],
        [[0, 2**16, 0]],
        [[0, 0, 2**16]],
    ],
    "remoteClientDataJSON": ["{}"],
    "payment": [True],
}
GOOD_SIGNED = {
    CREATE: {
        "credProtect": [1, 2, 3],
        "minPinLength": [4, 63],
        "uvm": [[[0, 0, 0]], [LARGEST] * 3],
        "credBlob": [True, False],
        "hmac-secret": [True, False],
        "hmac-secret-mc": [bytes(32), bytes(80)],
        "pinComplexityPolicy": [True],
        "thirdPartyPayment": [False],
        "unknown": [None, {1: 2}],
    },
    GET: {
        "credBlob": [b"", b"blob"],
        "hmac-secret": [bytes(32), bytes(48), bytes(64), bytes(80)],
        "uvm": [[[2, 4, 2], [4, 1, 1]]],
    },
}
BAD_SIGNED = {
    CREATE: {
        "credProtect": [0, 4, -1, True, "userVerificationRequired", 1.0, b"\x01", None],
        "minPinLength": [3, 64, "4", True, None],
        "uvm": [[], b"", {}],
        "credBlob": [b"blob", 1],
        "hmac-secret": [bytes(32), 1],
        "hmac-secret-mc": [True, bytes(31)],
        "pinComplexityPolicy": [1],
        "thirdPartyPayment": [None],
    },
    GET: {"credBlob": [True, "text"], "hmac-secret": [True, bytes(31), bytes(33), b""], "uvm": [[[1]]]},
}


def cases(table):
    return [pytest.param(name, value, id=f"{name}-{value!r}") for name, values in table.items() for value in values]


def signed_cases(table):
    return [
        pytest.param(ceremony, name, value, id=f"{ceremony}-{name}-{value!r}")
        for ceremony, outputs in table.items()
        for name, values in outputs.items()
        for value in values
    ]


@pytest.mark.parametrize("ceremony", [CREATE, GET])
@pytest.mark.parametrize(("name", "value"), cases(GOOD_CLIENT))
def test_client_outputs_that_may_be(name, value, ceremony):
    check_outputs(ceremony, {name: value}, {})


@pytest.mark.parametrize("ceremony", [CREATE, GET])
@pytest.mark.parametrize(("name", "value"), cases(BAD_CLIENT))
def test_client_outputs_that_cannot_be(name, value, ceremony):
    with pytest.raises(Malformed) as caught:
        check_outputs(ceremony, {name: value}, {})
    assert caught.value.code is Code.EXTENSION_OUTPUT
    assert caught.value.path.startswith(f"clientExtensionResults.{name}")


@pytest.mark.parametrize(("ceremony", "name", "value"), signed_cases(GOOD_SIGNED))
def test_signed_outputs_that_may_be(ceremony, name, value):
    check_outputs(ceremony, {}, {name: value})


@pytest.mark.parametrize(("ceremony", "name", "value"), signed_cases(BAD_SIGNED))
def test_signed_outputs_that_cannot_be(ceremony, name, value):
    with pytest.raises(Malformed) as caught:
        check_outputs(ceremony, {}, {name: value})
    assert caught.value.code is Code.EXTENSION_OUTPUT
    assert caught.value.path.startswith(f"authenticatorData.extensions.{name}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(SECRET),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["first", "second", "results", "enabled", "rk", "blob", "output1", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(GOOD_CLIENT)), JSON, st.sampled_from([CREATE, GET]))
def test_no_shape_of_an_output_raises_anything_foreign(name, value, ceremony):
    for check in (check_outputs, lambda _, client, __: forget_results(client)):
        try:
            check(ceremony, {name: value}, {name: value})
        except UnlatchError:
            continue


def test_unsolicited_outputs():
    assert unsolicited_outputs({}, {"b": 1}, {"a": 1, "b": 2}) == ("a", "b")
    requested = {
        "credentialProtectionPolicy": "userVerificationRequired",
        "prf": {},
        "getCredBlob": True,
        "largeBlob": {"read": True},
        "payment": {"isPayment": True},
        "hmacCreateSecret": True,
    }
    answers = {"credProtect": 3, "hmac-secret": True, "hmac-secret-mc": b"", "credBlob": b"", "thirdPartyPayment": True}
    assert unsolicited_outputs(requested, {"prf": {}, "largeBlob": {}}, {**answers, "largeBlobKey": b""}) == ()
    assert unsolicited_outputs({}, {1: 1}, {"a": 1}) == (1, "a")
    assert unsolicited_outputs({"credProps": True}, {"credProps": {}}, {"uvm": []}) == ("uvm",)


def test_prf_results_are_forgotten_and_their_names_kept():
    outputs = {
        "prf": {"enabled": True, "results": {"first": SECRET, "second": SECRET}, "copy": SECRET},
        "hmacGetSecret": {"output1": SECRET, "output3": SECRET},
        "credProps": {"rk": True},
    }
    kept = forget_results(outputs)
    assert kept == {
        "prf": {"enabled": True, "results": {"first": None, "second": None}},
        "hmacGetSecret": {"output1": None},
        "credProps": {"rk": True},
    }
    assert SECRET not in json.dumps(kept)
    assert outputs["prf"]["results"]["first"] == SECRET, "the caller's object is the caller's"
    assert forget_results(kept) == kept
    assert forget_results({"prf": {"results": None}}) == {"prf": {}}


@pytest.mark.parametrize(
    "outputs",
    [
        {"prf": {"results": {"first": SECRET + "AAAA"}}},
        {"prf": {"results": {"first": SECRET[:-1]}}},
        {"hmacGetSecret": {"output1": SECRET + "AAAA"}},
    ],
)
def test_what_refuses_a_result_does_not_quote_it(outputs):
    with pytest.raises(Malformed) as caught:
        forget_results(outputs)
    assert SECRET[:10] not in json.dumps(caught.value.evidence())


def test_a_prf_in_cleartext_among_signed_outputs_is_forgotten():
    assert forget_cleartext({"prf": {"results": {"first": b"secret"}}, "uvm": []}) == {"uvm": []}
    signed = {"hmac-secret": bytes(32)}
    assert forget_cleartext(signed) is signed


def test_typed_views_of_nothing():
    created, got = RegistrationOutputs({}, {}), AuthenticationOutputs({}, {})
    for view in (created, got):
        assert (view.prf, view.large_blob, view.uvm, view.remote_desktop) == (None, None, None, False)
    assert created.cred_props is None
    assert created.app_id_excluded is None
    assert created.credential_protection is None
    assert created.min_pin_length is None
    assert created.cred_blob_stored is None
    assert created.hmac_secret is None
    assert got.app_id is None
    assert got.cred_blob is None


def test_typed_views_of_a_registration():
    view = RegistrationOutputs(
        {
            "credProps": {"rk": True},
            "prf": {"enabled": True},
            "largeBlob": {"supported": True},
            "appidExclude": True,
            "remoteClientDataJSON": True,
        },
        {
            "credProtect": 2,
            "minPinLength": 6,
            "credBlob": False,
            "hmac-secret": True,
            "uvm": [[2, 4, 2], [4, 2, 1]],
        },
    )
    assert view.cred_props == CredProps(True)
    assert view.prf == PrfOutput(enabled=True, evaluated=False)
    assert view.large_blob == LargeBlobOutput(True, None, None)
    assert view.app_id_excluded is True
    assert view.remote_desktop is True
    assert view.credential_protection is CredentialProtection.USER_VERIFICATION_OPTIONAL_WITH_CREDENTIAL_ID_LIST
    assert view.min_pin_length == 6
    assert view.cred_blob_stored is False
    assert view.hmac_secret is True
    assert view.uvm == (UserVerificationMethod(2, 4, 2), UserVerificationMethod(4, 2, 1))


def test_typed_views_of_an_assertion():
    view = AuthenticationOutputs(
        {"appid": False, "prf": {"results": {"first": None}}, "largeBlob": {"blob": "AQ"}, "uvm": [[1, 1, 1]]},
        {"credBlob": b"blob"},
    )
    assert view.app_id is False
    assert view.prf == PrfOutput(enabled=None, evaluated=True)
    assert view.large_blob == LargeBlobOutput(None, b"\x01", None)
    assert view.cred_blob == b"blob"
    assert view.uvm is None, "the client's copy is not signed"
    assert AuthenticationOutputs({"largeBlob": {"written": True, "blob": {}}}, {}).large_blob == LargeBlobOutput(
        None, None, True
    )


@pytest.mark.parametrize(
    ("outputs", "path", "words"),
    [
        ({"prf": True}, "prf", "expected an object"),
        ({"prf": {"results": {}}}, "prf.results.first", "is missing"),
        ({"prf": {"results": {"first": "AQ"}}}, "prf.results.first", "expected 32 bytes"),
        ({"prf": {"results": {"first": 1}}}, "prf.results.first", "expected a base64url string"),
        ({"hmacGetSecret": {"output2": SECRET}}, "hmacGetSecret.output1", "is missing"),
    ],
)
def test_the_place_of_a_bad_result(outputs, path, words):
    with pytest.raises(Malformed) as caught:
        forget_results(outputs)
    assert (caught.value.path, caught.value.detail) == (f"clientExtensionResults.{path}", words)


@pytest.mark.parametrize(
    ("signed", "words"),
    [
        ({"minPinLength": 3}, "expected a number from 4 to 63"),
        ({"credProtect": 4}, "expected a number from 1 to 3"),
        ({"hmac-secret-mc": b""}, "expected 32, 48, 64, 80 bytes"),
    ],
)
def test_what_was_expected_is_told(signed, words):
    with pytest.raises(Malformed) as caught:
        check_outputs(CREATE, {}, signed)
    assert caught.value.detail == words


def test_a_blob_that_nobody_has_checked():
    """The typed views are of checked outputs; one that was not still tells where it is wrong."""
    with pytest.raises(Malformed) as caught:
        _ = AuthenticationOutputs({"largeBlob": {"blob": 1}}, {}).large_blob
    assert caught.value.path == "clientExtensionResults.largeBlob.blob"


def test_whether_a_credential_is_discoverable_may_not_be_told():
    assert [discoverable(client) for client in ({}, {"credProps": {}}, {"credProps": {"rk": False}})] == [
        None,
        None,
        False,
    ]
