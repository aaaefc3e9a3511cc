"""The session that pg-webauthn's documentation shows, statement by statement, and what it stores (PG-2 to PG-12)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest

from postgres.databases import Caller

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "pg_webauthn.json").read_text())
NAME = "alex.p.mueller@example.com"


def binary(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


USER_ID = binary(VECTORS["user_id"])
SIGN_UP, SIGN_IN = VECTORS["registration"], VECTORS["authentication"]
#: What the documentation prints, for a caller that wants exactly these options.
CREATION_OPTIONS = {
    "publicKey": {
        "rp": {"name": "ACME Corporation"},
        "user": {"id": VECTORS["user_id"], "name": NAME, "displayName": "Alex P. Müller"},
        "timeout": 300000,
        "challenge": SIGN_UP["challenge"],
        "attestation": "none",
        "pubKeyCredParams": [{"alg": -7, "type": "public-key"}],
        "authenticatorSelection": {"userVerification": "preferred", "requireResidentKey": False},
    }
}
REQUEST_OPTIONS = {
    "publicKey": {
        "timeout": 300000,
        "challenge": SIGN_IN["challenge"],
        "allowCredentials": [{"id": SIGN_UP["id"], "type": "public-key"}],
        "userVerification": "preferred",
    }
}


@pytest.fixture
def localhost(caller: Caller) -> Caller:
    caller.configure(relying_party_id="localhost", origins=[VECTORS["origin"]])
    return caller


def sign_up(caller: Caller) -> Any:
    return caller.call(
        "store_credential",
        credential_id=SIGN_UP["id"],
        credential_type="public-key",
        attestation_object=SIGN_UP["attestationObject"],
        client_data_json=SIGN_UP["clientDataJSON"],
    )


def sign_in(caller: Caller, **other: Any) -> Any:
    arguments = {
        "credential_id": SIGN_IN["id"],
        "credential_type": "public-key",
        "authenticator_data": SIGN_IN["authenticatorData"],
        "client_data_json": SIGN_IN["clientDataJSON"],
        "signature": SIGN_IN["signature"],
        "user_handle": None,
    }
    return caller.call("verify_assertion", **{**arguments, **other})


def begin(caller: Caller) -> tuple[Any, Any]:
    """Both options; the sign-up is finished between them."""
    creation = caller.call(
        "init_credential",
        challenge=binary(SIGN_UP["challenge"]),
        user_name=NAME,
        user_id=USER_ID,
        user_display_name="Alex P. Müller",
        relying_party_name="ACME Corporation",
    )
    assert sign_up(caller) == USER_ID
    return creation, caller.call("get_credentials", challenge=binary(SIGN_IN["challenge"]), user_name=NAME)


def test_with_the_options_as_they_were(localhost: Caller) -> None:
    localhost.configure(compat=["options"])
    assert begin(localhost) == (CREATION_OPTIONS, REQUEST_OPTIONS)
    assert sign_in(localhost) == USER_ID


def test_with_more_in_the_options(localhost: Caller, backend: str) -> None:
    """PG-7, PG-8 and PG-10: everything as before, and what was missing."""
    creation, request = begin(localhost)
    assert sign_in(localhost) == USER_ID
    algorithms = [item["alg"] for item in creation["publicKey"].pop("pubKeyCredParams")]
    assert algorithms[:3] == [-8, -7, -257]
    assert len(algorithms) == (19 if backend == "plpython" else 5)
    assert creation["publicKey"].pop("excludeCredentials") == []
    assert creation["publicKey"].pop("rp") == {"name": "ACME Corporation", "id": "localhost"}
    as_before = dict(CREATION_OPTIONS["publicKey"])
    del as_before["rp"], as_before["pubKeyCredParams"]
    assert creation["publicKey"] == as_before
    assert request["publicKey"].pop("rpId") == "localhost"
    assert request == REQUEST_OPTIONS


def test_what_is_stored(localhost: Caller) -> None:
    """PG-2 to PG-5: the columns."""
    begin(localhost)
    sign_in(localhost)
    (credential,) = rows(localhost, "credentials")
    attestation_object = binary(SIGN_UP["attestationObject"])
    data = attestation_object[attestation_object.index(b"authData") + 10 :]
    expected = {
        "credential_id": binary(SIGN_UP["id"]),
        "credential_type": "public-key",
        "attestation_object": attestation_object,
        "client_data_json": binary(SIGN_UP["clientDataJSON"]),
        "challenge": binary(SIGN_UP["challenge"]),
        "user_name": NAME,
        "user_id": USER_ID,
        "rp_id_hash": data[:32],
        "user_present": True,
        "user_verified": False,
        "attested_credential_data_included": True,
        "extension_data_included": False,
        "sign_count": 0,
        "public_key": data[-67:-35] + data[-32:],
        "origin": "http://localhost",
        "cross_origin": False,
        "backup_eligible": False,
        "backup_state": False,
        "attestation_type": "none",
    }
    assert {name: credential[name] for name in expected} == expected
    assert str(credential["aaguid"]) == "00000000-0000-0000-0000-000000000000"
    (assertion,) = rows(localhost, "assertions")
    expected = {
        "signature": binary(SIGN_IN["signature"]),
        "challenge": binary(SIGN_IN["challenge"]),
        "credential_id": binary(SIGN_IN["id"]),
        "authenticator_data": binary(SIGN_IN["authenticatorData"]),
        "user_id": USER_ID,
        "user_handle": None,
        "sign_count": 1,
        "user_present": True,
        "user_verified": False,
        "origin": "http://localhost",
    }
    assert {name: assertion[name] for name in expected} == expected
    (begun,) = rows(localhost, "credential_challenges")
    assert (begun["relying_party_id"], begun["require_resident_key"], begun["timeout"].seconds) == (None, False, 300)
    (asked,) = rows(localhost, "assertion_challenges")
    assert (asked["user_name"], asked["relying_party_id"], asked["user_verification"]) == (NAME, None, "preferred")


def rows(caller: Caller, table: str) -> list[dict[str, Any]]:
    cursor = caller.connection.execute(f"SELECT * FROM webauthn.{table}")
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_the_helpers(localhost: Caller) -> None:
    """PG-12."""
    begin(localhost)
    value = localhost.value
    data = binary(SIGN_UP["attestationObject"])
    public_key = value("SELECT public_key FROM webauthn.credentials")
    assert value("SELECT webauthn.credential_public_key(%s)", binary(SIGN_UP["id"])) == public_key
    assert value("SELECT webauthn.cose_ecdha_to_pkcs(cose_key) FROM webauthn.credentials") == public_key
    assert value("SELECT webauthn.base64url_encode(%s)", b"\xfb\xff") == "-_8"
    assert value("SELECT webauthn.base64url_decode('-_8')") == b"\xfb\xff"
    assert value("SELECT webauthn.from_utf8(%s)", "Müller".encode()) == "Müller"
    der = binary(SIGN_IN["signature"])
    assert value("SELECT webauthn.decode_asn1_der_signature(%s)", der) == der[4:36] + der[-32:]
    assert value("SELECT webauthn.decode_asn1_der_signature(%s)", der[1:]) is None
    assert value("SELECT (webauthn.parse_attestation_object(%s)).fmt", data) == "none"
    assert value("SELECT (webauthn.parse_authenticator_data(%s)).sign_count", binary(SIGN_IN["authenticatorData"])) == 1
    for kind, challenge in (("credential", SIGN_UP["challenge"]), ("assertion", SIGN_IN["challenge"])):
        ends = value(f"SELECT webauthn.{kind}_challenge_expiration(%s) - now()", binary(challenge))
        assert ends.total_seconds() == 300
        assert value(f"SELECT webauthn.{kind}_challenge_user_verification(%s)", binary(challenge)) == "preferred"
    refused = "SELECT webauthn.raise_error('No such user', '{\"user\": 1}', NULL::text)"
    assert localhost.refusal(value, refused) == ("P0001", None)


def test_a_script_that_repeats_the_session(localhost: Caller) -> None:
    """PG-12: `generate_test()` writes what an empty database answers in the same way."""
    begin(localhost)
    assert sign_in(localhost) == USER_ID
    script = localhost.value("SELECT webauthn.generate_test()")
    localhost.connection.execute("TRUNCATE webauthn.credential_challenges, webauthn.assertion_challenges CASCADE")
    *before, last = script.splitlines()
    assert len(before) == 3
    for statement in before:
        localhost.connection.execute(statement)
    assert localhost.value(last) == USER_ID
