"""The specification's examples and vectors of the `prf` extension, through the public API.

A server's part is small: it asks, it checks that an answer answers what was asked, and it forgets the results, which
are secrets of the page. Encrypted outputs of `hmac-secret` inside the signed data are let through.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from finishing import register, sign_in
from honest import (
    AT,
    BE,
    ED,
    UP,
    USER,
    UV,
    Credential,
    authentication_body,
    base64url,
    canonical_map,
    record,
    registration_body,
    relying_party,
)
from unlatch import ExtensionRefused, Malformed
from unlatch.codes import Code

PRF = json.loads((Path(__file__).parent / "vectors" / "w3c.json").read_text())["prf"]
ANY_RESULT = bytes(range(32))
LISTED = PRF["values"]["credential_id"]


def filled(output: dict[str, Any]) -> dict[str, Any]:
    """The output with bytes where the file says that there are some."""
    found: dict[str, Any] = json.loads(json.dumps(output).replace("<32 bytes b64url>", base64url(ANY_RESULT)))
    return found


def examples(*names: str) -> list[Any]:
    """(inputs, output, whether the listed credential answers) for each output that the file allows."""
    found = []
    for example in PRF["webauthn_api_examples"]:
        for name in names:
            for index, output in enumerate(example.get(name, [])):
                listed = name != "get_outputs_otherwise_any_of"
                values = (example["inputs"], filled(output), listed)
                found.append(pytest.param(*values, id=f"{example['id']}-{name}-{index}"))
    return found


def results_of(output: dict[str, Any]) -> list[str]:
    return list(output["prf"].get("results", {}).values())


@pytest.mark.parametrize(("inputs", "output", "listed"), examples("create_outputs_any_of"))
def test_creation_examples(inputs: dict[str, Any], output: dict[str, Any], listed: bool) -> None:
    assert listed
    rp = relying_party(unsolicited_extensions="refuse")
    body = registration_body() | {"clientExtensionResults": output}
    registration = register(body, rp=rp, begin={"extensions": inputs})
    assert not any(secret in repr(registration) for secret in results_of(output))


GET = ("get_outputs_any_of", "get_outputs_if_listed_credential_used_any_of", "get_outputs_otherwise_any_of")


@pytest.mark.parametrize(("inputs", "output", "listed"), examples(*GET))
def test_request_examples(inputs: dict[str, Any], output: dict[str, Any], listed: bool) -> None:
    """`evalByCredential` names a listed credential; another listed one is answered by `eval`."""
    named, other = Credential(id=urlsafe_b64decode(LISTED + "=")), Credential()
    used = named if listed else other
    rp = relying_party(unsolicited_extensions="refuse")
    begin = {"user": USER, "records": [record(named), record(other)], "extensions": inputs}
    body = authentication_body(used) | {"clientExtensionResults": output}
    authentication = sign_in(body, record(used), rp=rp, begin=begin)
    assert not any(secret in repr(authentication) for secret in results_of(output))


@pytest.mark.parametrize("case", PRF["ctap2_hmac_secret"]["cases"], ids=lambda case: case["title"])
def test_hmac_secret(case: dict[str, Any]) -> None:
    """The encrypted output is signed and let through; the client's results are checked and forgotten."""
    given = {name: bytes.fromhex(value) for name, value in case["given_hex"].items()}
    inputs, output = case["webauthn"]["extensions_input_json"], case["webauthn"]["client_extension_results_json"]
    assert given["salt1"] == sha256(b"WebAuthn PRF\0" + given["prf_eval_first"]).digest()
    encrypted = canonical_map({"hmac-secret": given["output_enc"]})
    body = authentication_body(flags=UP | UV | BE | ED, extensions=encrypted) | {"clientExtensionResults": output}
    rp = relying_party(unsolicited_extensions="refuse")
    authentication = sign_in(body, rp=rp, begin={"user": USER, "records": [record()], "extensions": inputs})
    assert authentication.authenticator_extensions == {"hmac-secret": given["output_enc"]}
    for secret in results_of(output):
        assert secret not in repr(authentication)
        assert repr(urlsafe_b64decode(secret + "=")) not in repr(authentication)

    signed = canonical_map({"hmac-secret": True})
    body = registration_body(flags=UP | UV | BE | AT | ED, extensions=signed)
    body |= {"clientExtensionResults": {"prf": {"enabled": True}}}
    assert register(body, rp=rp, begin={"extensions": {"prf": {}}}).authenticator_extensions == {"hmac-secret": True}


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_result_has_32_bytes(length: int) -> None:
    inputs = {"prf": {"eval": {"first": "AQIDBA"}}}
    body = authentication_body() | {"clientExtensionResults": {"prf": {"results": {"first": base64url(bytes(length))}}}}
    with pytest.raises(Malformed) as caught:
        sign_in(body, begin={"user": USER, "records": [record()], "extensions": inputs})
    assert caught.value.code is Code.EXTENSION_OUTPUT


def test_a_second_result_needs_a_second_input() -> None:
    results = {"first": base64url(ANY_RESULT), "second": base64url(ANY_RESULT)}
    body = authentication_body() | {"clientExtensionResults": {"prf": {"results": results}}}
    begin = {"user": USER, "records": [record()], "extensions": {"prf": {"eval": {"first": "AQIDBA"}}}}
    with pytest.raises(ExtensionRefused) as caught:
        sign_in(body, begin=begin)
    assert caught.value.step == "authentication.extensions"
