"""Responses that popular relying-party libraries were seen to accept, each refused with its code."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from honest import (
    AT,
    BE,
    BS,
    ED,
    NOW,
    ORIGIN,
    UP,
    USER,
    UV,
    Credential,
    attestation_object,
    authentication_body,
    authentication_state,
    authenticator_data,
    base64url,
    canonical_map,
    client_data,
    record,
    registration_body,
    registration_state,
    relying_party,
)
from signing_keys import signing_key
from unlatch import Code, Malformed, Refused


def _register(body: Any, **policy: Any) -> Any:
    rp = relying_party(**policy)
    return rp.finish_registration(registration_state(rp), body, now=NOW)


def _get(body: Any, known: Any = None, *, options: dict[str, Any] | None = None, **policy: Any) -> Any:
    rp = relying_party(**policy)
    return rp.finish_authentication(authentication_state(rp, **(options or {})), body, known or record(), now=NOW)


def _inserted(body: dict[str, Any], name: str, change: Callable[[bytes], bytes]) -> dict[str, Any]:
    """A body whose binary member was changed after the fact."""
    from base64 import urlsafe_b64decode

    text = body["response"][name]
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    response = {n: v for n, v in body["response"].items() if n not in ("authenticatorData", "publicKey")}
    if name == "authenticatorData":
        response = body["response"]
    return body | {"response": response | {name: base64url(change(raw))}}


def _key_with(**changes: Any) -> dict[str, Any]:
    """A registration whose COSE key was changed."""
    key = signing_key(-7)
    cose = {**key.cose, **{int(name[1:]) * (-1 if name[0] == "n" else 1): value for name, value in changes.items()}}
    credential = Credential()
    data = authenticator_data(
        UP | AT,
        attested=credential.aaguid + len(credential.id).to_bytes(2, "big") + credential.id + canonical_map(cose),
    )
    body = registration_body(credential)
    response = {name: body["response"][name] for name in ("clientDataJSON", "transports")}
    return body | {"response": response | {"attestationObject": base64url(attestation_object(data))}}


_APP_ID = "https://example.org/app-id.json"
AUDITED: dict[str, tuple[Code, Callable[[], Any]]] = {
    "any topOrigin": (
        Code.TOP_ORIGIN_NOT_EXPECTED,
        lambda: _register(
            registration_body(client=client_data("webauthn.create", topOrigin="https://evil.test", crossOrigin=True)),
            allow_cross_origin=True,
        ),
    ),
    "crossOrigin as text": (
        Code.CLIENT_DATA,
        lambda: _register(registration_body(client=client_data("webauthn.create", crossOrigin="false"))),
    ),
    "a framed page": (
        Code.CROSS_ORIGIN_NOT_EXPECTED,
        lambda: _get(authentication_body(client=client_data("webauthn.get", crossOrigin=True))),
    ),
    "a subdomain": (
        Code.ORIGIN_NOT_EXPECTED,
        lambda: _get(authentication_body(client=client_data("webauthn.get", origin="https://a.example.org"))),
    ),
    "another port": (
        Code.ORIGIN_NOT_EXPECTED,
        lambda: _get(authentication_body(client=client_data("webauthn.get", origin=ORIGIN + ":8443"))),
    ),
    "rawId of another credential": (
        Code.CREDENTIAL_ID,
        lambda: _register(registration_body() | {name: base64url(b"other") for name in ("id", "rawId")}),
    ),
    "type password": (Code.CREDENTIAL_TYPE, lambda: _register(registration_body() | {"type": "password"})),
    "BS without BE at registration": (
        Code.BACKUP_STATE_WITHOUT_ELIGIBILITY,
        lambda: _register(registration_body(flags=UP | UV | AT | BS)),
    ),
    "BS without BE at sign-in": (
        Code.BACKUP_STATE_WITHOUT_ELIGIBILITY,
        lambda: _get(authentication_body(flags=UP | BS), record(backup_eligible=False)),
    ),
    "BE that changed": (Code.BACKUP_ELIGIBILITY_CHANGED, lambda: _get(authentication_body(flags=UP | UV))),
    "no AT flag": (Code.AUTHENTICATOR_DATA, lambda: _register(registration_body(flags=UP | UV))),
    "a credential id of 5000 bytes": (
        Code.CREDENTIAL_ID_TOO_LONG,
        lambda: _register(registration_body(Credential(id=b"i" * 5000))),
    ),
    "an algorithm that was not offered": (
        Code.ALGORITHM_NOT_OFFERED,
        lambda: _register(registration_body(Credential(key=signing_key(-35)))),
    ),
    "a point off its curve": (Code.KEY_NOT_ON_CURVE, lambda: _register(_key_with(n2=bytes(31) + b"\x01"))),
    "a short coordinate": (Code.KEY_LENGTH, lambda: _register(_key_with(n2=bytes(31)))),
    "ES256 on P-384": (Code.KEY_ALGORITHM, lambda: _register(_key_with(n1=2))),
    "a private part": (Code.KEY_PARAMETERS, lambda: _register(_key_with(n4=bytes(32)))),
    "a compressed point": (Code.KEY_LENGTH, lambda: _register(_key_with(n3=True))),
    "bytes after the attestation object": (
        Code.CBOR_TRAILING,
        lambda: _register(_inserted(registration_body(), "attestationObject", lambda raw: raw + b"\0")),
    ),
    "a truncated byte string": (
        Code.CBOR_TRUNCATED,
        lambda: _register(_inserted(registration_body(), "attestationObject", lambda raw: raw[:-1])),
    ),
    "a non-minimal length": (
        Code.CBOR_NOT_MINIMAL,
        lambda: _register(_inserted(registration_body(), "attestationObject", lambda raw: b"\xb8\x03" + raw[1:])),
    ),
    "duplicate JSON keys": (
        Code.JSON_DUPLICATE,
        lambda: _register(registration_body(client=client_data("webauthn.create")[:-1] + b',"origin":"https://e.t"}')),
    ),
    "UTF-16": (
        Code.JSON,
        lambda: _register(registration_body(client=client_data("webauthn.create").decode().encode("utf-16"))),
    ),
    "a padded id": (
        Code.BASE64URL,
        lambda: _register(registration_body() | {name: base64url(Credential().id) + "==" for name in ("id", "rawId")}),
    ),
    "an extension list": (
        Code.AUTHENTICATOR_DATA,
        lambda: _register(registration_body(flags=UP | UV | AT | ED, extensions=b"\x80")),
    ),
    "nested arrays in an extension": (
        Code.CBOR_DEPTH,
        lambda: _register(registration_body(flags=UP | AT | ED, extensions=b"\xa1\x61a" + b"\x81" * 900 + b"\0")),
    ),
    "a statement under none": (
        Code.ATTESTATION_STATEMENT,
        lambda: _register(
            registration_body(
                attestationObject=base64url(
                    attestation_object(
                        authenticator_data(UP | UV | BE | BS | AT, attested=Credential().attested), {"a": 1}
                    )
                )
            )
        ),
    ),
    "another user's handle": (
        Code.USER_HANDLE_MISMATCH,
        lambda: _get(authentication_body(userHandle=base64url(b"mallory"))),
    ),
    "another user's credential": (
        Code.CREDENTIAL_OF_ANOTHER_USER,
        lambda: _get(authentication_body(), options={"user": b"mallory"}),
    ),
    "no user handle, user unknown": (
        Code.USER_HANDLE_MISSING,
        lambda: _get(authentication_body(userHandle=None)),
    ),
    "a credential that was not listed": (
        Code.CREDENTIAL_NOT_ALLOWED,
        lambda: _get(authentication_body(), options={"user": USER, "records": [record(id=b"another")]}),
    ),
    "UP is 0 at sign-in": (Code.USER_NOT_PRESENT, lambda: _get(authentication_body(flags=UV | BE | BS))),
    "UP is 0 at sign-in, conditional": (
        Code.USER_NOT_PRESENT,
        lambda: _get(authentication_body(flags=UV | BE | BS), options={"mediation": "conditional"}),
    ),
    "payment.get": (
        Code.TYPE_MISMATCH,
        lambda: _get(authentication_body(client=client_data("payment.get"))),
    ),
    "a counter that fell to zero": (
        Code.SIGN_COUNT_REGRESSED,
        lambda: _get(authentication_body(), record(sign_count=5)),
    ),
    "the AppID's hash, not requested": (
        Code.RP_ID_HASH_MISMATCH,
        lambda: _get(authentication_body(rp_id=_APP_ID) | {"clientExtensionResults": {"appid": True}}),
    ),
    "appid true, but the RP ID's hash": (
        Code.RP_ID_HASH_MISMATCH,
        lambda: _get(
            authentication_body() | {"clientExtensionResults": {"appid": True}},
            options={"extensions": {"appid": _APP_ID}},
        ),
    ),
    "a parsed body with junk": (Code.JSON, lambda: _register(registration_body() | {"junk": float("nan")})),
}


@pytest.mark.parametrize("case", AUDITED)
def test_what_other_libraries_were_seen_to_accept(case: str) -> None:
    code, attempt = AUDITED[case]
    with pytest.raises((Malformed, Refused)) as caught:
        attempt()
    assert caught.value.code is code, json.dumps(caught.value.evidence())


def test_the_app_ids_hash_where_it_was_requested() -> None:
    body = authentication_body(rp_id=_APP_ID) | {"clientExtensionResults": {"appid": True}}
    assert _get(body, options={"extensions": {"appid": _APP_ID}})
    assert _get(authentication_body(rp_id=_APP_ID), options={"extensions": {"appid": _APP_ID}})
