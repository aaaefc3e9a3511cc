"""The field's own list of cases, by the field's own numbers.

`CONFORMANCE` follows the prose of the server tests that the FIDO Alliance published until 2021: section and item, F
for one that must fail, P for one that must succeed. Where a fault of `unlatch.testing` is the case, it is named;
the rest is made here, byte by byte.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from fault_scenes import play
from honest import (
    AT,
    BE,
    BS,
    ED,
    NOW,
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
from unlatch import Code, Refused, UnlatchError
from unlatch.testing import FAULTS, ODDITIES

_BY_NAME = {each.name: each for each in (*FAULTS, *ODDITIES)}
_REFUSED_BY_RULE = {fault.name for fault in FAULTS if fault.rule is not None}

REG, GET = "registration.", "authentication."
_KIND, _OBJECT, _STATEMENT = "response-kind.", REG + "attestation-object.", REG + "attestation-statement."

#: Item -> the fault that is the case.
CONFORMANCE: dict[str, str] = {
    # MakeCredential response, structure
    "Resp-1 F1": REG + _KIND + "no-id",
    "Resp-1 F2": REG + _KIND + "id-number",
    "Resp-1 F3": REG + _KIND + "id-padded",
    "Resp-1 F4": REG + _KIND + "no-type",
    "Resp-1 F5": REG + _KIND + "type-number",
    "Resp-1 F6": REG + _KIND + "other-type",
    "Resp-1 F7": REG + _KIND + "no-response",
    "Resp-1 F8": REG + _KIND + "response-string",
    "Resp-1 F9": REG + "client-data-text.clientDataJSON-missing",
    "Resp-1 F10": REG + "client-data-text.clientDataJSON-number",
    "Resp-1 F11": REG + "client-data-text.clientDataJSON-empty",
    "Resp-1 F12": _OBJECT + "attestationObject-missing",
    "Resp-1 F13": _OBJECT + "attestationObject-number",
    "Resp-1 F14": _OBJECT + "attestationObject-empty",
    # client data
    "Resp-2 F1": REG + "client-data-json.no-type",
    "Resp-2 F2": REG + "client-data-json.type-list",
    "Resp-2 F3": REG + "type.empty",
    "Resp-2 F4": REG + "type.payment",
    "Resp-2 F5": REG + "type.other-ceremony",
    "Resp-2 F6": REG + "client-data-json.no-challenge",
    "Resp-2 F7": REG + "client-data-json.challenge-list",
    "Resp-2 F8": REG + "challenge.empty",
    "Resp-2 F9": REG + "challenge.padded",
    "Resp-2 F10": REG + "challenge.other",
    "Resp-2 F11": REG + "client-data-json.no-origin",
    "Resp-2 F12": REG + "client-data-json.origin-list",
    "Resp-2 F13": REG + "origin.empty",
    "Resp-2 F14": REG + "origin.other-site",
    # attestation object
    "Resp-3 F1": _OBJECT + "array",
    "Resp-3 F2": _OBJECT + "no-fmt",
    "Resp-3 F3": _OBJECT + "fmt-bytes",
    "Resp-3 F4": _OBJECT + "no-attStmt",
    "Resp-3 F5": _OBJECT + "attStmt-bytes",
    "Resp-3 F6": _OBJECT + "no-authData",
    "Resp-3 F7": _OBJECT + "authData-text",
    "Resp-3 F8": _OBJECT + "authData-empty",
    "Resp-3 F9": _OBJECT + "attested-unannounced",
    "Resp-3 F10": _OBJECT + "attested-missing",
    "Resp-3 F11": _OBJECT + "attested-empty",
    "Resp-3 F12": _OBJECT + "authenticator-data-left-over",
    "Resp-3 F13": _STATEMENT + "packed-empty",
    "Resp-3 F14": _STATEMENT + "packed-no-alg",
    "Resp-3 F15": _STATEMENT + "packed-alg-text",
    "Resp-3 F16": _STATEMENT + "packed-alg-not-of-the-certificate",
    "Resp-3 F17": _STATEMENT + "packed-no-sig",
    "Resp-3 F18": _STATEMENT + "packed-sig-text",
    "Resp-3 F19": _STATEMENT + "packed-sig-empty",
    # packed, with certificates
    "Resp-5 F1": REG + "format.unknown",
    "Resp-5 F2": _STATEMENT + "packed-signature-flipped",
    "Resp-5 F3": _STATEMENT + "packed-x5c-null",
    "Resp-5 F4": _STATEMENT + "packed-x5c-bytes",
    "Resp-5 F5": _STATEMENT + "packed-x5c-empty",
    "Resp-5 F6": REG + "attestation-trust.leaf-expired",
    "Resp-5 F7": REG + "attestation-trust.leaf-not-yet-valid",
    "Resp-5 F9": REG + "attestation-trust.same-name",
    "Resp-5 F11": _STATEMENT + "packed-chain-reversed",
    "Resp-5 F12": REG + "attestation-trust.intermediate-expired",
    "Resp-5 F13": _STATEMENT + "packed-other-signer",
    "Resp-5 F14": _STATEMENT + "packed-credential-signer",
    "Resp-7 F1": _STATEMENT + "none-not-empty",
    "Resp-8 F1": _STATEMENT + "u2f-aaguid",
    "Resp-8 F2": _STATEMENT + "u2f-signature-flipped",
    "Resp-9 F2": _STATEMENT + "tpm-extra-data",
    "Resp-9 F3": _STATEMENT + "tpm-magic",
    "Resp-9 F4": _STATEMENT + "tpm-other-key",
    "Resp-A F1": _STATEMENT + "android-key-challenge",
    "Resp-A F2": _STATEMENT + "android-key-other-key",
    "Resp-A F3": _STATEMENT + "android-key-chain-reversed",
    "Resp-B F1": _STATEMENT + "safetynet-ver-empty",
    "Resp-B F2": _STATEMENT + "safetynet-response-empty",
    "Resp-B F3": _STATEMENT + "safetynet-nonce",
    "Resp-B F4": _STATEMENT + "safetynet-x5c-empty",
    "Resp-B F5": _STATEMENT + "safetynet-profile",
    "Resp-B F6": REG + "attestation-trust.safetynet-future",
    "Resp-B F7": REG + "attestation-trust.safetynet-old",
    # GetAssertion response
    "Get-1 F1": GET + _KIND + "no-id",
    "Get-1 F2": GET + _KIND + "id-number",
    "Get-1 F3": GET + _KIND + "id-padded",
    "Get-1 F4": GET + _KIND + "no-type",
    "Get-1 F5": GET + _KIND + "type-number",
    "Get-1 F6": GET + _KIND + "other-type",
    "Get-1 F7": GET + _KIND + "no-response",
    "Get-1 F8": GET + _KIND + "response-string",
    "Get-1 F9": GET + "response-parts.clientDataJSON-missing",
    "Get-1 F10": GET + "response-parts.clientDataJSON-number",
    "Get-1 F11": GET + "response-parts.clientDataJSON-empty",
    "Get-1 F12": GET + "response-parts.authenticatorData-missing",
    "Get-1 F13": GET + "response-parts.authenticatorData-number",
    "Get-1 F14": GET + "response-parts.authenticatorData-padded",
    "Get-1 F15": GET + "response-parts.authenticatorData-empty",
    "Get-1 F16": GET + "response-parts.signature-missing",
    "Get-1 F17": GET + "response-parts.signature-number",
    "Get-1 F18": GET + "response-parts.signature-padded",
    "Get-1 F19": GET + "response-parts.signature-empty",
    "Get-1 F20": GET + "signature.other-key",
    "Get-1 F21": GET + "response-parts.userHandle-number",
    "Get-2 F1": GET + "client-data-json.no-type",
    "Get-2 F2": GET + "client-data-json.type-list",
    "Get-2 F3": GET + "type.empty",
    "Get-2 F4": GET + "type.payment",
    "Get-2 F5": GET + "type.other-ceremony",
    "Get-2 F6": GET + "client-data-json.no-challenge",
    "Get-2 F7": GET + "client-data-json.challenge-list",
    "Get-2 F8": GET + "challenge.empty",
    "Get-2 F9": GET + "challenge.padded",
    "Get-2 F10": GET + "challenge.other",
    "Get-2 F11": GET + "client-data-json.no-origin",
    "Get-2 F12": GET + "client-data-json.origin-list",
    "Get-2 F13": GET + "origin.empty",
    "Get-2 F14": GET + "origin.other-site",
    "Get-3 F1": GET + "response-parts.authenticator-data-left-over",
    "Get-3 F2": GET + "rp-id-hash.other",
    "Get-3 F3": GET + "signature.other-client-data",
    "Get-3 F4": GET + "sign-count.equal",
    "Get-3 F5": GET + "user-verification.absent",
}


@pytest.mark.parametrize(("item", "name"), CONFORMANCE.items(), ids=CONFORMANCE)
def test_items_that_must_fail(item: str, name: str) -> None:
    fault = _BY_NAME[name]
    attestation = min(fault.formats) if fault.formats else "packed" if "-trust." in name else "none"
    played = play(fault, attestation=attestation)
    with pytest.raises(UnlatchError) as caught:
        played.finish(played.answer(fault))
    assert caught.value.code is fault.code, item
    played.finish(played.answer())


def _register(body: Any, **policy: Any) -> Any:
    rp = relying_party(**policy)
    return rp.finish_registration(registration_state(rp), body, now=NOW)


def _get(body: Any, known: Any = None, *, options: dict[str, Any] | None = None, **policy: Any) -> Any:
    rp = relying_party(**policy)
    return rp.finish_authentication(authentication_state(rp, **(options or {})), body, known or record(), now=NOW)


_ED = canonical_map({"credProtect": 2, "hmac-secret": True})
_BINDINGS: list[Any] = [None, "text", {}, {"id": "AAAA"}, {"status": "unknown"}, {"status": "present", "id": "AAAA"}]


@pytest.mark.parametrize("binding", _BINDINGS)
def test_token_binding_is_reserved_and_ignored(binding: Any) -> None:
    """Resp-2 and Get-2 F15 to F17 are older than Level 3, which forbids to look at the member."""
    _register(registration_body(client=client_data("webauthn.create", tokenBinding=binding)))
    _get(authentication_body(client=client_data("webauthn.get", tokenBinding=binding)))


@pytest.mark.parametrize("algorithm", [-7, -35, -36, -47, -257, -258, -259, -37, -38, -39, -8, -53, -48])
def test_resp_4_and_6_each_algorithm_attests_itself(algorithm: int) -> None:
    key = signing_key(algorithm)
    credential = Credential(key=key)
    data = authenticator_data(UP | UV | BE | BS | AT, attested=credential.attested)
    body = registration_body(credential)
    made = key.sign(data + sha256(client_data("webauthn.create")).digest())
    statement = {"alg": algorithm, "sig": made}
    body["response"]["attestationObject"] = base64url(attestation_object(data, statement, "packed"))
    assert _register(body, algorithms=(algorithm,)).attestation.type == "self"
    broken = {"alg": algorithm, "sig": made[:-1] + bytes((made[-1] ^ 1,))}
    body["response"]["attestationObject"] = base64url(attestation_object(data, broken, "packed"))
    with pytest.raises(Refused) as caught:
        _register(body, algorithms=(algorithm,))
    assert caught.value.code is Code.ATTESTATION_SIGNATURE


PASSES: dict[str, Callable[[], Any]] = {
    "Resp-3 P1 extension data": lambda: _register(registration_body(flags=UP | UV | AT | ED, extensions=_ED)),
    "Resp-7 P1 none": lambda: _register(registration_body()),
    "Resp-7 P2 none, zero AAGUID": lambda: _register(registration_body(Credential(aaguid=bytes(16)))),
    "Get-3 P1 no counter": lambda: _get(authentication_body(count=0)),
    "Get-3 P2 UV required": lambda: _get(authentication_body(), user_verification="required"),
    "Get-3 P5 UV although discouraged": lambda: _get(authentication_body(), user_verification="discouraged"),
    "Get-3 P6 no UV, preferred": lambda: _get(authentication_body(flags=UP | BE | BS)),
    "Get-3 P8 extension data": lambda: _get(
        authentication_body(flags=UP | BE | BS | ED, extensions=canonical_map({"uvm": [[2, 4, 2]]}))
    ),
    "old Edge": lambda: _register(
        registration_body(
            client=client_data(
                "webauthn.create",
                crossOrigin=...,
                clientExtensions={},
                hashAlgorithm="SHA-256",
                hashAlg="S256",
                tokenBinding={"status": "not-supported"},
            )
        )
    ),
    "Safari": lambda: _register(registration_body(client=client_data("webauthn.create", crossOrigin=...))),
    "Chrome's greeting": lambda: _register(
        registration_body(client=client_data("webauthn.create", other_keys_can_be_added_here="do not compare"))
    ),
    "Android": lambda: _get(
        authentication_body(client=client_data("webauthn.get", androidPackageName="com.android.chrome"))
    ),
    "no client extension results": lambda: _register(_without(registration_body(), "clientExtensionResults")),
    "no rawId": lambda: _register(_without(registration_body(), "rawId")),
    "null attachment": lambda: _register(registration_body() | {"authenticatorAttachment": None}),
    "null transports": lambda: _register(registration_body(transports=None)),
    "unknown members": lambda: _register(registration_body() | {"getClientExtensionResults": {}, "challenge": "x"}),
    "appid false": lambda: _get(authentication_body() | {"clientExtensionResults": {"appid": False}}),
    "known user, null handle": lambda: _get(
        authentication_body(userHandle=None), options={"user": USER, "records": [record()]}
    ),
    "known user, empty handle": lambda: _get(
        authentication_body(userHandle=""), options={"user": USER, "records": [record()]}
    ),
    "reserved flags": lambda: _register(registration_body(flags=UP | UV | AT | 0x22)),
    "credential id of 1023 bytes": lambda: _register(registration_body(Credential(id=b"i" * 1023))),
}


def _without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {member: value for member, value in body.items() if member != name}


@pytest.mark.parametrize("item", PASSES)
def test_items_that_must_succeed(item: str) -> None:
    assert PASSES[item]()
