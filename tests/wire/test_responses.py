"""Responses: each member missing, of another type, malformed, or contradicting its original."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from honest import (
    AT,
    UP,
    Credential,
    authentication_body,
    authenticator_data,
    base64url,
    client_data,
    registration_body,
)
from signing_keys import ALGORITHMS, signing_key
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse


def set_at(body: Any, path: str, value: Any) -> Any:
    """Change (or with `...` remove) the member at a dotted path."""
    *outer, last = path.split(".")
    target = body
    for name in outer:
        target = target[name]
    if value is ...:
        target.pop(last, None)
    else:
        target[last] = value
    return body


def refused(kind: Any, body: Any) -> tuple[Code, str]:
    with pytest.raises(Malformed) as caught:
        kind.from_json(body)
    return caught.value.code, caught.value.path


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_honest_registration(algorithm: int) -> None:
    credential = Credential(key=signing_key(algorithm))
    body = registration_body(credential)
    text = json.dumps(body)
    for form in (body, text, text.encode()):
        response = RegistrationResponse.from_json(form)
        assert response.credential_id == credential.id
        assert response.client_data.raw == client_data("webauthn.create")
        assert response.attestation_object.attested.public_key_bytes == credential.cose
        assert response.transports == ("internal", "hybrid")
        assert response.client_extension_results == {}
        assert response.authenticator_attachment == "platform"


def test_honest_authentication() -> None:
    credential = Credential()
    body = authentication_body(credential)
    text = json.dumps(body)
    for form in (body, text, text.encode()):
        response = AuthenticationResponse.from_json(form)
        assert response.credential_id == credential.id
        assert response.client_data.raw == client_data("webauthn.get")
        assert response.authenticator_data.flags == body_flags(body)
        assert base64url(response.signature) == body["response"]["signature"]
        assert response.user_handle == credential.user_handle
        assert response.client_extension_results == {}
        assert response.authenticator_attachment == "platform"


def body_flags(body: dict[str, Any]) -> int:
    return urlsafe_b64decode(body["response"]["authenticatorData"] + "==")[32]


BOTH = [
    ("type", ..., Code.JSON_MISSING, "type"),
    ("type", None, Code.JSON_TYPE, "type"),
    ("type", 1, Code.JSON_TYPE, "type"),
    ("type", "password", Code.CREDENTIAL_TYPE, "type"),
    ("type", "Public-Key", Code.CREDENTIAL_TYPE, "type"),
    ("id", ..., Code.JSON_MISSING, "id"),
    ("id", None, Code.JSON_TYPE, "id"),
    ("id", 1, Code.JSON_TYPE, "id"),
    ("rawId", None, Code.CREDENTIAL_ID, "rawId"),
    ("rawId", 1, Code.CREDENTIAL_ID, "rawId"),
    ("rawId", "", Code.CREDENTIAL_ID, "rawId"),
    ("rawId", "AQ", Code.CREDENTIAL_ID, "rawId"),
    ("response", ..., Code.JSON_MISSING, "response"),
    ("response", None, Code.JSON_TYPE, "response"),
    ("response", [], Code.JSON_TYPE, "response"),
    ("response", "{}", Code.JSON_TYPE, "response"),
    ("response.clientDataJSON", ..., Code.JSON_MISSING, "response.clientDataJSON"),
    ("response.clientDataJSON", None, Code.JSON_TYPE, "response.clientDataJSON"),
    ("response.clientDataJSON", {}, Code.JSON_TYPE, "response.clientDataJSON"),
    ("response.clientDataJSON", "", Code.JSON_MISSING, "response.clientDataJSON"),
    ("response.clientDataJSON", "e30=", Code.BASE64URL, "response.clientDataJSON"),
    ("response.clientDataJSON", "e30", Code.CLIENT_DATA, "response.clientDataJSON"),
    ("response.clientDataJSON", '{"type":"webauthn.get"}', Code.BASE64URL, "response.clientDataJSON"),
    ("clientExtensionResults", None, Code.JSON_TYPE, "clientExtensionResults"),
    ("clientExtensionResults", [], Code.JSON_TYPE, "clientExtensionResults"),
    ("clientExtensionResults", "{}", Code.JSON_TYPE, "clientExtensionResults"),
]
REGISTRATION = [
    ("response.attestationObject", ..., Code.JSON_MISSING, "response.attestationObject"),
    ("response.attestationObject", None, Code.JSON_TYPE, "response.attestationObject"),
    ("response.attestationObject", "", Code.JSON_MISSING, "response.attestationObject"),
    ("response.attestationObject", "oA", Code.ATTESTATION_OBJECT, "response.attestationObject"),
    ("response.attestationObject", "oAA", Code.CBOR_TRAILING, "response.attestationObject"),
    ("response.transports", "usb", Code.JSON_TYPE, "response.transports"),
    ("response.transports", {}, Code.JSON_TYPE, "response.transports"),
    ("response.transports", ["usb", 1], Code.JSON_TYPE, "response.transports"),
    ("response.transports", [None], Code.JSON_TYPE, "response.transports"),
    ("response.authenticatorData", 1, Code.JSON_TYPE, "response.authenticatorData"),
    ("response.authenticatorData", "A", Code.BASE64URL, "response.authenticatorData"),
    ("response.authenticatorData", "", Code.ATTESTATION_OBJECT, "response.authenticatorData"),
    (
        "response.authenticatorData",
        base64url(authenticator_data(UP)),
        Code.ATTESTATION_OBJECT,
        "response.authenticatorData",
    ),
    ("response.publicKeyAlgorithm", -257, Code.ATTESTATION_OBJECT, "response.publicKeyAlgorithm"),
    ("response.publicKeyAlgorithm", "-7", Code.ATTESTATION_OBJECT, "response.publicKeyAlgorithm"),
    ("response.publicKeyAlgorithm", [], Code.ATTESTATION_OBJECT, "response.publicKeyAlgorithm"),
    ("response.publicKey", 1, Code.JSON_TYPE, "response.publicKey"),
    ("response.publicKey", base64url(signing_key(-7, 1).spki), Code.ATTESTATION_OBJECT, "response.publicKey"),
    ("response.publicKey", base64url(Credential().cose), Code.ATTESTATION_OBJECT, "response.publicKey"),
]
AUTHENTICATION = [
    ("response.authenticatorData", ..., Code.JSON_MISSING, "response.authenticatorData"),
    ("response.authenticatorData", None, Code.JSON_TYPE, "response.authenticatorData"),
    ("response.authenticatorData", "", Code.JSON_MISSING, "response.authenticatorData"),
    ("response.authenticatorData", "AAAA", Code.AUTHENTICATOR_DATA, "response.authenticatorData"),
    (
        "response.authenticatorData",
        base64url(authenticator_data(UP | AT, attested=Credential().attested)),
        Code.AUTHENTICATOR_DATA,
        "response.authenticatorData",
    ),
    ("response.signature", ..., Code.JSON_MISSING, "response.signature"),
    ("response.signature", None, Code.JSON_TYPE, "response.signature"),
    ("response.signature", "", Code.JSON_MISSING, "response.signature"),
    ("response.signature", "A", Code.BASE64URL, "response.signature"),
    ("response.userHandle", 1, Code.JSON_TYPE, "response.userHandle"),
    ("response.userHandle", "A", Code.BASE64URL, "response.userHandle"),
    ("response.userHandle", base64url(bytes(65)), Code.JSON_TYPE, "response.userHandle"),
]


@pytest.mark.parametrize(("path", "value", "code", "told"), BOTH + REGISTRATION)
def test_broken_registration(path: str, value: Any, code: Code, told: str) -> None:
    assert refused(RegistrationResponse, set_at(registration_body(), path, value)) == (code, told)


@pytest.mark.parametrize(("path", "value", "code", "told"), BOTH + AUTHENTICATION)
def test_broken_authentication(path: str, value: Any, code: Code, told: str) -> None:
    assert refused(AuthenticationResponse, set_at(authentication_body(), path, value)) == (code, told)


@pytest.mark.parametrize("kind", [RegistrationResponse, AuthenticationResponse])
@pytest.mark.parametrize("text", ["", "A", "AQ==", "AB", "A+", " AQ", "é"])
def test_ids_are_canonical_even_when_both_agree(kind: Any, text: str) -> None:
    body = registration_body() if kind is RegistrationResponse else authentication_body()
    body |= {"id": text, "rawId": text}
    assert refused(kind, body) == (Code.CREDENTIAL_ID if text == "" else Code.BASE64URL, "id")


def test_the_id_is_the_attested_one() -> None:
    """One letter of `id` and `rawId` changed alike: the browser's word against the authenticator's."""
    other = base64url(Credential().id[:-1] + b"!")
    body = registration_body() | {"id": other, "rawId": other}
    assert refused(RegistrationResponse, body) == (Code.CREDENTIAL_ID, "rawId")


@pytest.mark.parametrize("body", [None, 1, [], ["{}"], True, object(), ("a",), bytearray(b"{}")])
@pytest.mark.parametrize("kind", [RegistrationResponse, AuthenticationResponse])
def test_what_is_no_body(kind: Any, body: Any) -> None:
    assert refused(kind, body) == (Code.JSON_TYPE, "")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", Code.JSON),
        (b"\xff", Code.JSON),
        ("[]", Code.JSON_TYPE),
        ("{}", Code.JSON_MISSING),
        ({}, Code.JSON_MISSING),
        ('{"id":1,"id":2}', Code.JSON_DUPLICATE),
        (" " * 65_537, Code.TOO_LARGE),
        (b'\xef\xbb\xbf{"type":"public-key"}', Code.JSON),
    ],
)
@pytest.mark.parametrize("kind", [RegistrationResponse, AuthenticationResponse])
def test_text_that_is_no_body(kind: Any, body: Any, code: Code) -> None:
    assert refused(kind, body)[0] is code


def test_what_may_be_absent_in_a_registration() -> None:
    body = registration_body()
    del body["rawId"], body["clientExtensionResults"], body["authenticatorAttachment"]
    for name in ("authenticatorData", "publicKey", "publicKeyAlgorithm", "transports"):
        del body["response"][name]
    response = RegistrationResponse.from_json(body)
    assert response.transports == ()
    assert response.client_extension_results == {}
    assert response.authenticator_attachment is None


@pytest.mark.parametrize("name", ["authenticatorData", "publicKey", "publicKeyAlgorithm"])
def test_copies_that_are_null(name: str) -> None:
    assert RegistrationResponse.from_json(registration_body(**{name: None}))


def test_an_empty_key_is_none() -> None:
    """Pages that encode what ``getPublicKey()`` returned, where a password manager returned null."""
    assert RegistrationResponse.from_json(registration_body(publicKey=""))


def test_an_algorithm_is_no_empty_text() -> None:
    body = registration_body(publicKeyAlgorithm="")
    assert refused(RegistrationResponse, body) == (Code.ATTESTATION_OBJECT, "response.publicKeyAlgorithm")


def test_what_may_be_absent_in_an_authentication() -> None:
    body = authentication_body()
    del body["rawId"], body["clientExtensionResults"], body["authenticatorAttachment"], body["response"]["userHandle"]
    response = AuthenticationResponse.from_json(body)
    assert response.user_handle is None
    assert AuthenticationResponse.from_json(authentication_body(userHandle=None)).user_handle is None
    assert AuthenticationResponse.from_json(authentication_body(userHandle="")).user_handle is None


@pytest.mark.parametrize("length", [1, 64])
def test_user_handle_lengths(length: int) -> None:
    body = authentication_body(Credential(user_handle=bytes(length)))
    assert AuthenticationResponse.from_json(body).user_handle == bytes(length)


@pytest.mark.parametrize("value", [None, 1, [], {}, "later"])
def test_any_attachment_passes_and_text_is_kept(value: Any) -> None:
    expected = value if isinstance(value, str) else None
    body = registration_body() | {"authenticatorAttachment": value}
    assert RegistrationResponse.from_json(body).authenticator_attachment == expected
    body = authentication_body() | {"authenticatorAttachment": value}
    assert AuthenticationResponse.from_json(body).authenticator_attachment == expected


def test_an_attachment_longer_than_any_is_none_that_we_know() -> None:
    for size, expected in ((64, "x" * 64), (65, None)):
        body = registration_body() | {"authenticatorAttachment": "x" * size}
        assert RegistrationResponse.from_json(body).authenticator_attachment == expected
        body = authentication_body() | {"authenticatorAttachment": "x" * size}
        assert AuthenticationResponse.from_json(body).authenticator_attachment == expected


def test_transports_that_are_null() -> None:
    assert RegistrationResponse.from_json(registration_body(transports=None)).transports == ()


@pytest.mark.parametrize(
    ("most", "more"),
    [(["usb"] * 32, ["usb"] * 33), (["x" * 64], ["x" * 65]), (["usb", "é" * 64], ["usb", "é" * 65])],
)
def test_transports_are_stored_and_listed_for_ever_and_so_have_a_limit(most: list[str], more: list[str]) -> None:
    assert RegistrationResponse.from_json(registration_body(transports=most)).transports == tuple(most)
    with pytest.raises(Malformed) as refusal:
        RegistrationResponse.from_json(registration_body(transports=more))
    assert (refusal.value.code, refusal.value.path) == (Code.TOO_LARGE, "response.transports")


def test_unknown_members_pass() -> None:
    assert RegistrationResponse.from_json(registration_body(later=1) | {"later": [1]})
    assert AuthenticationResponse.from_json(authentication_body(later=1) | {"later": [1]})


@pytest.mark.parametrize("algorithm", [-48, -49, -50])
def test_the_copy_of_a_key_that_clients_need_not_know(algorithm: int) -> None:
    """Section 5.2.1.1 asks clients for the SPKI of three algorithms; who writes that of another must write it right."""
    credential = Credential(key=signing_key(algorithm))
    assert RegistrationResponse.from_json(registration_body(credential, publicKey=base64url(credential.key.spki)))
    for other in (base64url(b"any"), base64url(signing_key(algorithm, 1).spki)):
        with pytest.raises(Malformed) as refusal:
            RegistrationResponse.from_json(registration_body(credential, publicKey=other))
        assert (refusal.value.code, refusal.value.path) == (Code.ATTESTATION_OBJECT, "response.publicKey")


def test_results_are_not_shared_with_the_callers_object() -> None:
    body = registration_body() | {"clientExtensionResults": {"credProps": {"rk": True}}}
    response = RegistrationResponse.from_json(body)
    body["clientExtensionResults"]["credProps"]["rk"] = False
    assert response.client_extension_results == {"credProps": {"rk": True}}


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"a": float("nan")}, {"a": b"x"}, {"a": {1, 2}}])
def test_parsed_bodies_that_are_not_json(value: Any) -> None:
    """A framework's lenient parser must not bring in what our own would refuse."""
    for kind, body in ((RegistrationResponse, registration_body()), (AuthenticationResponse, authentication_body())):
        assert refused(kind, body | {"clientExtensionResults": value}) == (Code.JSON, "")
    assert refused(RegistrationResponse, registration_body(transports=["\ud800"])) == (Code.JSON, "")


def test_results_of_a_prf_are_forgotten_at_once() -> None:
    secret = base64url(bytes(32))
    prf, salts = {"prf": {"results": {"first": secret}}}, {"hmacGetSecret": {"output1": secret}}
    for kind, body in ((RegistrationResponse, registration_body()), (AuthenticationResponse, authentication_body())):
        for results in (prf, salts, {**prf, **salts}):
            kept = kind.from_json(body | {"clientExtensionResults": results}).client_extension_results
            assert kept.keys() == results.keys()
            assert secret not in json.dumps(kept)


@pytest.mark.parametrize("copy", [1, "A", "AQ=="])
def test_the_spki_of_a_key_that_has_none_is_base64url(copy: object) -> None:
    body = registration_body(Credential(key=signing_key(-48)), publicKey=copy)
    assert refused(RegistrationResponse, body)[1] == "response.publicKey"
    body = registration_body(publicKey=copy)
    assert refused(RegistrationResponse, body)[1] == "response.publicKey"
