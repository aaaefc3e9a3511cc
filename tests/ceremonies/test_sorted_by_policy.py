"""Whose CBOR maps may be unsorted, by policy: nobody's, the clients', anybody's (spec section 2.4)."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest

from finishing import register, sign_in
from honest import (
    BE,
    BS,
    CHALLENGE,
    ED,
    NOW,
    ORIGIN,
    UP,
    USER,
    UV,
    Credential,
    authentication_body,
    authenticator_data,
    base64url,
    record,
    registration_body,
    relying_party,
)
from signing_keys import signing_key
from unlatch import Malformed, Misconfigured, flows
from unlatch.codes import Code
from unlatch.finders import finish_authentication, finish_registration
from unlatch.flows import run_sync
from unlatch.judgement import Expectations, judge_authentication, judge_registration
from unlatch.stores.memory import MemoryCeremonies, MemoryCredentials
from unlatch.stores.requests import Stores

OUTPUTS = {"a": 1, "example": True}
ALL = UP | UV | BE | BS


def backwards(entries: dict[Any, Any]) -> bytes:
    """A map with its keys in the opposite of CTAP2's order."""
    items = sorted(((cbor2.dumps(key), cbor2.dumps(value)) for key, value in entries.items()), reverse=True)
    return bytes((0xA0 | len(items),)) + b"".join(key + value for key, value in items)


class Unsorted(Credential):
    """An authenticator that writes its key backwards."""

    @property
    def attested(self) -> bytes:
        return self.aaguid + len(self.id).to_bytes(2, "big") + self.id + backwards(self.key.cose)


def by_client(body: dict[str, Any]) -> dict[str, Any]:
    """A registration whose attestation object the client wrote backwards."""
    data = authenticator_data(ALL | 0x40, attested=Credential().attested)
    body["response"]["attestationObject"] = base64url(backwards({"fmt": "none", "attStmt": {}, "authData": data}))
    return body


def refusal(work: Any, *arguments: Any, **named: Any) -> tuple[Code, str]:
    with pytest.raises(Malformed) as caught:
        work(*arguments, **named)
    return caught.value.code, caught.value.path


@pytest.mark.parametrize("order", ["client", "any"])
def test_a_client_that_does_not_sort(order: str) -> None:
    assert register(by_client(registration_body()), rp=relying_party(key_order=order)).record.id == Credential().id


def test_a_client_that_does_not_sort_where_everybody_has_to() -> None:
    rp = relying_party(key_order="canonical")
    assert register(rp=rp).record == register().record
    assert refusal(register, by_client(registration_body()), rp=rp) == (
        Code.CBOR_KEY_ORDER,
        "response.attestationObject",
    )


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_a_key_that_is_not_sorted_is_kept_sorted(algorithm: int) -> None:
    """So that sign-ins need no tolerance."""
    credential = Unsorted(key=signing_key(algorithm))
    body = registration_body(credential)
    registration = register(body, rp=relying_party(key_order="any", algorithms=(algorithm,)))
    assert registration.record.public_key == credential.cose
    assert sign_in(authentication_body(credential), registration.record).record.id == credential.id
    # With another statement, which takes the general reader.
    data = authenticator_data(ALL | 0x40, attested=credential.attested)
    body["response"]["attestationObject"] = base64url(backwards({"fmt": "none", "attStmt": {}, "authData": data}))
    assert register(body, rp=relying_party(key_order="any", algorithms=(algorithm,))).record == registration.record


@pytest.mark.parametrize("order", ["canonical", "client"])
def test_a_key_that_is_not_sorted(order: str) -> None:
    assert refusal(register, registration_body(Unsorted()), rp=relying_party(key_order=order)) == (
        Code.CBOR_KEY_ORDER,
        "response.attestationObject.authData.credentialPublicKey",
    )


def test_outputs_that_are_not_sorted() -> None:
    new = registration_body(flags=ALL | 0x40 | ED, extensions=backwards(OUTPUTS))
    used = authentication_body(flags=ALL | ED, extensions=backwards(OUTPUTS))
    tolerant = relying_party(key_order="any")
    assert register(new, rp=tolerant).authenticator_extensions == OUTPUTS
    assert sign_in(used, rp=tolerant).authenticator_extensions == OUTPUTS
    for order in ("canonical", "client"):
        rp = relying_party(key_order=order)
        for work, body, member in (
            (register, new, "attestationObject.authData"),
            (sign_in, used, "authenticatorData"),
        ):
            assert refusal(work, body, rp=rp) == (Code.CBOR_KEY_ORDER, f"response.{member}.extensions")


def test_twice_is_malformed_in_any_order() -> None:
    twice = b"\xa2" + 2 * (cbor2.dumps("example") + b"\x02")
    body = registration_body(flags=ALL | 0x40 | ED, extensions=twice)
    assert refusal(register, body, rp=relying_party(key_order="any"))[0] is Code.CBOR_DUPLICATE_KEY


def test_the_finders_read_by_the_same_policy() -> None:
    rp = relying_party(key_order="any")
    begun = rp.begin_registration(USER, challenge=bytes(range(32)), now=NOW)
    new = finish_registration(
        rp, begun.state, registration_body(Unsorted()), find_credential=lambda _: None, now=NOW
    ).record
    state = rp.begin_authentication(challenge=bytes(range(32)), now=NOW).state
    used = authentication_body(flags=ALL | ED, extensions=backwards(OUTPUTS))
    assert finish_authentication(rp, state, used, find_credential=lambda _: new, now=NOW).user_verified


def test_the_flows_read_by_the_same_policy() -> None:
    rp = relying_party(key_order="any")
    stores = Stores(MemoryCredentials(), MemoryCeremonies())
    new = register(registration_body(Unsorted()), rp=rp).record
    stores.credentials.add(new)
    begun = run_sync(flows.begin_authentication(rp, challenge=CHALLENGE, now=NOW), stores)
    used = authentication_body(flags=ALL | ED, extensions=backwards(OUTPUTS))
    finish = flows.finish_authentication(rp, begun.id, used, now=NOW)
    assert run_sync(finish, stores).authenticator_extensions == OUTPUTS


def test_a_recorded_ceremony_is_judged_by_the_same_choice() -> None:
    told: dict[str, Any] = {"challenge": CHALLENGE, "origins": [ORIGIN], "at": NOW}
    new = registration_body(Unsorted())
    used = authentication_body(flags=ALL | ED, extensions=backwards(OUTPUTS))
    for order in ("canonical", "client", "any"):
        expectations = Expectations(**told, key_order=order)
        assert judge_registration(new, expectations).accepted is (order == "any")
        assert judge_authentication(used, expectations, record()).accepted is (order == "any")
    with pytest.raises(Misconfigured, match=r"key_order='some'"):
        Expectations(**told, key_order="some")
