"""Whose CBOR maps may be unsorted, where responses are read."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest

from honest import (
    AT,
    ED,
    UP,
    Credential,
    attestation_object,
    authentication_body,
    authenticator_data,
    base64url,
    canonical_map,
    registration_body,
)
from signing_keys import signing_key
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import KeyOrder
from unlatch.wire.attestation_object import decode_attestation_object
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

OUTPUTS = {"a": 1, "example": True}


def backwards(entries: dict[Any, Any]) -> bytes:
    """A map with its keys in the opposite of CTAP2's order."""
    items = sorted(((cbor2.dumps(key), cbor2.dumps(value)) for key, value in entries.items()), reverse=True)
    return bytes((0xA0 | len(items),)) + b"".join(key + value for key, value in items)


def sorted_by(nobody: str, algorithm: int = -7, name: str = "none") -> dict[str, Any]:
    """A registration in which one of client, key and outputs is written backwards, by its maker."""
    credential = Credential(key=signing_key(algorithm))
    key = (backwards if nobody == "key" else canonical_map)(credential.key.cose)
    attested = credential.aaguid + len(credential.id).to_bytes(2, "big") + credential.id + key
    outputs = (backwards if nobody == "outputs" else canonical_map)(OUTPUTS)
    data = authenticator_data(UP | AT | ED, attested=attested, extensions=outputs)
    members = {"fmt": name, "attStmt": {}, "authData": data}
    written = backwards(members) if nobody == "client" else attestation_object(data, name=name)
    return registration_body(
        credential,
        attestationObject=base64url(written),
        authenticatorData=base64url(data),
    )


def outcome(read: Any, body: Any, order: str) -> Any:
    """The code and path of a refusal; None for none."""
    try:
        read(body, key_order=KeyOrder(order))
    except Malformed as malformed:
        return malformed.code, malformed.path
    return None


OBJECT = "response.attestationObject"
REFUSED = {
    ("client", "canonical"): OBJECT,
    ("key", "canonical"): f"{OBJECT}.authData.credentialPublicKey",
    ("key", "client"): f"{OBJECT}.authData.credentialPublicKey",
    ("outputs", "canonical"): f"{OBJECT}.authData.extensions",
    ("outputs", "client"): f"{OBJECT}.authData.extensions",
}


@pytest.mark.parametrize("name", ["none", "packed"])
@pytest.mark.parametrize("nobody", ["all", "client", "key", "outputs"])
@pytest.mark.parametrize("order", list(KeyOrder))
def test_registrations(nobody: str, order: str, name: str) -> None:
    """`none` is recognised by its form, anything else is read entry by entry."""
    path = REFUSED.get((nobody, order))
    wanted = None if path is None else (Code.CBOR_KEY_ORDER, path)
    assert outcome(RegistrationResponse.from_json, sorted_by(nobody, name=name), order) == wanted


@pytest.mark.parametrize("order", list(KeyOrder))
def test_sign_ins(order: str) -> None:
    unsorted = authentication_body(flags=UP | ED, extensions=backwards(OUTPUTS))
    wanted = None if order == "any" else (Code.CBOR_KEY_ORDER, "response.authenticatorData.extensions")
    assert outcome(AuthenticationResponse.from_json, unsorted, order) == wanted
    honest = authentication_body(flags=UP | ED, extensions=canonical_map(OUTPUTS))
    assert outcome(AuthenticationResponse.from_json, honest, order) is None


def test_left_out_it_is_the_clients() -> None:
    for read, body in (
        (RegistrationResponse.from_json, sorted_by("key")),
        (RegistrationResponse.from_json, sorted_by("outputs")),
        (AuthenticationResponse.from_json, authentication_body(flags=UP | ED, extensions=backwards(OUTPUTS))),
    ):
        with pytest.raises(Malformed):
            read(body)
    assert RegistrationResponse.from_json(sorted_by("client")).credential_id == Credential().id
    data = authenticator_data(UP | AT, attested=Credential().attested)
    assert decode_attestation_object(backwards({"fmt": "none", "attStmt": {}, "authData": data}), "").format == "none"


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_a_key_that_is_not_sorted_is_kept_sorted(algorithm: int) -> None:
    for nobody in ("key", "client"):
        parsed = RegistrationResponse.from_json(sorted_by(nobody, algorithm), key_order=KeyOrder.ANY)
        attested = parsed.attestation_object.attested
        assert attested.public_key_bytes == canonical_map(signing_key(algorithm).cose)
        assert attested.public_key.algorithm.id == algorithm


def test_what_stands_twice_is_malformed_in_any_order() -> None:
    twice = b"\xa2" + 2 * (cbor2.dumps("example") + b"\x02")
    assert outcome(AuthenticationResponse.from_json, authentication_body(flags=UP | ED, extensions=twice), "any") == (
        Code.CBOR_DUPLICATE_KEY,
        "response.authenticatorData.extensions",
    )
