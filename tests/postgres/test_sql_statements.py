"""The sql backend's registrations: the library's verdict on the same attestation objects, and no other."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from postgres.sql_functions import Answer, Functions, mutations
from unlatch import AttestationPolicy, Policy, RelyingParty, UserEntity
from unlatch.attestation.formats import FORMATS
from unlatch.attestation.rules import StatementRules
from unlatch.errors import AttestationRefused, Malformed
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.testing.keys import KeyPair, credential_algorithms
from unlatch.testing.statements import MAKERS
from unlatch.wire import base64url, cbor
from unlatch.wire.attestation_object import decode_attestation_object

if TYPE_CHECKING:
    pass

SUPPORTED = (-7, -9, -8, -19, -257)
VERDICT = """(SELECT webauthn.verify_registration_statement(fmt, att_stmt, auth_data, $2)
              FROM webauthn.parse_attestation_object($1))"""
RP = RelyingParty(
    id="example.org",
    origins=["https://example.org"],
    policy=Policy(
        algorithms=credential_algorithms(),
        attestation=AttestationPolicy(
            conveyance="direct", formats=tuple(FORMATS), allow_unanchored=True, allow_none=True, allow_self=True
        ),
    ),
)
OPTIONS = RP.begin_registration(UserEntity(b"handle", "ada", "Ada")).options.to_json()

#: An attestation object and the hash of the client data.
Registration = tuple[bytes, bytes]


def registration(attestation: str, algorithm: int) -> Registration:
    browser = EmulatedBrowser(
        "https://example.org", SoftwareAuthenticator(attestation=attestation, algorithms=(algorithm,))
    )
    response = browser.create(OPTIONS)["response"]
    found, client_data = (base64url.decode(response[name], name) for name in ("attestationObject", "clientDataJSON"))
    return found, sha256(client_data).digest()


def by_library(data: bytes, client_data_hash: bytes) -> Answer:
    try:
        decoded = decode_attestation_object(data, "input")
        if decoded.format not in FORMATS:
            return {"code": "attestation_format_not_supported"}
        result = FORMATS[decoded.format](
            decoded.statement, decoded.authenticator_data, client_data_hash, rules=StatementRules()
        )
    except (Malformed, AttestationRefused) as error:
        # An algorithm in the statement that nobody knows is, more simply, not the credential's.
        return {"code": "attestation_key_mismatch" if error.code == "attestation_invalid" else error.code}
    return {"value": str(result.type).lower()}


@pytest.mark.parametrize("algorithm", SUPPORTED)
@pytest.mark.parametrize("attestation", ["none", "packed-self"])
def test_honest_and_changed(sql: Functions, attestation: str, algorithm: int) -> None:
    """Accepted as it is; changed anywhere, it is accepted or refused as the library does."""
    data, client_data_hash = registration(attestation, algorithm)
    cases = [(changed, client_data_hash) for changed in mutations([data], number=150)] + [(data, sha256().digest())]
    answers = sql.ask(VERDICT, cases)
    assert answers[0] == {"value": attestation.removeprefix("packed-")}
    for case, answer in zip(cases, answers, strict=True):
        want = by_library(*case)
        if answer.get("state") in ("WA001", "WA002"):
            # One byte away stands an algorithm or a format that other backends know.
            assert "is not supported by the sql backend" in answer["message"]
            assert "value" in want or answer["detail"] != attestation
        else:
            assert answer.get("value") == want.get("value"), (case, answer, want)


def test_other_algorithms_and_formats_are_refused_by_name(sql: Functions) -> None:
    others = sorted(set(credential_algorithms("ecdsa", "eddsa", "mldsa")) - set(SUPPORTED))
    answers = sql.ask(VERDICT, [registration("none", algorithm) for algorithm in others])
    assert [answer["state"] for answer in answers] == ["WA001"] * len(others)

    names = sorted(set(MAKERS) - {"none", "packed-self", "android-key", "tpm"})
    answers = sql.ask(VERDICT, [registration(name, -7) for name in names])
    assert [(answer["state"], answer["detail"]) for answer in answers] == [
        ("WA002", "attestation_format_not_supported")
    ] * len(names)
    assert [name in answer["message"] for name, answer in zip(names, answers, strict=True)] == [True] * len(names)


def with_statement(data: bytes, statement: Any, *, name: str = "packed") -> bytes:
    value: Any = cbor.decode(data, "input")
    return cbor.encode({**value, "fmt": name, "attStmt": statement})


def test_statements_with_one_thing_wrong(sql: Functions) -> None:
    data, client_data_hash = registration("packed-self", -7)
    value: Any = cbor.decode(data, "input")
    honest = value["attStmt"]
    signature = honest["sig"]
    other = KeyPair.generate(-7).sign(value["authData"] + client_data_hash)
    statements: list[Any] = [
        {}, [], {"alg": -7}, {"sig": signature}, {**honest, "alg": -9}, {**honest, "alg": -8}, {**honest, "alg": 4},
        {**honest, "alg": -65535}, {**honest, "alg": "ES256"}, {**honest, "alg": None}, {**honest, "sig": b""},
        {**honest, "sig": "text"}, {**honest, "sig": other}, {**honest, "sig": signature + b"\0"},
        {**honest, "ver": "2.0"}, {**honest, 1: 2}, {**honest, "ecdaaKeyId": b"x"},
    ]  # fmt: skip
    cases = [(with_statement(data, statement), client_data_hash) for statement in statements]
    cases += [(with_statement(data, statement, name="none"), client_data_hash) for statement in (honest, [], {"": 1})]
    cases += [(with_statement(data, honest, name=name), client_data_hash) for name in ("Packed", "PACKED", "", "x")]
    answers = [
        {"code": answer["detail"]} if answer.get("state") in ("WA002", "WA003", "WA004") else answer
        for answer in sql.ask(VERDICT, cases)
    ]
    wanted = [by_library(*case) for case in cases]
    assert answers == wanted
    assert not [want for want in wanted if "value" in want]


def test_objects_with_one_thing_wrong(sql: Functions) -> None:
    data, client_data_hash = registration("none", -7)
    value: Any = cbor.decode(data, "input")
    auth_data = value["authData"]
    unsorted = b"\xa3" + b"".join(
        cbor.encode(name) + cbor.encode(value[name]) for name in ("authData", "attStmt", "fmt")
    )
    objects: list[Any] = [
        {**value, "x": 1}, {"fmt": "none", "attStmt": {}}, {**value, "fmt": b"none"}, {**value, "fmt": 1}, [], 5, {},
        {**value, "attStmt": "text"}, {**value, "attStmt": None}, {**value, "authData": "text"},
        {"fmt": "none", "attStmt": {}, "authdata": auth_data}, {**value, "authData": b""},
        {**value, "authData": auth_data[:36]}, {**value, "authData": auth_data[:32] + b"\1" + auth_data[33:37]},
        {**value, "authData": auth_data + b"\0"}, {**value, "authData": auth_data[:-1]},
    ]  # fmt: skip
    cases = [(unsorted, client_data_hash)]
    cases += [(cbor.encode(each), client_data_hash) for each in objects]
    cases += [(data + b"\0", client_data_hash), (data[:-1], client_data_hash), (b"", client_data_hash)]
    answers = [
        {"code": answer["detail"]} if answer.get("state") == "WA003" else answer for answer in sql.ask(VERDICT, cases)
    ]
    assert answers == [by_library(*case) for case in cases]
    assert answers[0] == {"value": "none"}
    assert [answer for answer in answers[1:] if "value" in answer] == []
