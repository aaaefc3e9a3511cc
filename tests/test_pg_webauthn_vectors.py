"""The registration and the sign-in that pg-webauthn's documentation shows: bytes of a real browser."""

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from unlatch import CeremonyState, CredentialRecord, RelyingParty, SignCountVerdict, UserEntity
from unlatch.codes import Code
from unlatch.errors import ClientDataRefused

VECTORS = json.loads((Path(__file__).parent / "vectors" / "pg_webauthn.json").read_text())
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def binary(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


USER = UserEntity(binary(VECTORS["user_id"]), "alex.p.mueller@example.com", "Alex")


def body(ceremony: str, *names: str) -> dict[str, Any]:
    vector = VECTORS[ceremony]
    return {"id": vector["id"], "type": vector["type"], "response": {name: vector[name] for name in names}}


def relying_party() -> RelyingParty:
    return RelyingParty(id=VECTORS["rp_id"], origins=[VECTORS["origin"]])


def register() -> CredentialRecord:
    rp = relying_party()
    begun = rp.begin_registration(USER, challenge=binary(VECTORS["registration"]["challenge"]), now=NOW)
    state = CeremonyState.from_json(begun.state.to_json())
    response = body("registration", "clientDataJSON", "attestationObject")
    return CredentialRecord.from_json(rp.finish_registration(state, json.dumps(response), now=NOW).record.to_json())


def test_the_registration() -> None:
    record = register()
    assert record.id == binary(VECTORS["registration"]["id"])
    assert record.user_handle == USER.id
    assert record.sign_count == 0
    assert not record.uv_initialized
    assert record.backup_eligible is False


@pytest.mark.parametrize("known", [True, False])
def test_the_sign_in(known: bool) -> None:
    """The vector carries no user handle (and belongs to a listed credential), so the user is known."""
    rp, record = relying_party(), register()
    begun = rp.begin_authentication(
        user=USER,
        records=[record] if known else [],
        challenge=binary(VECTORS["authentication"]["challenge"]),
        now=NOW,
    )
    state = CeremonyState.from_json(begun.state.to_json())
    response = body("authentication", "clientDataJSON", "authenticatorData", "signature")
    authentication = rp.finish_authentication(state, json.dumps(response), record, now=NOW)
    assert authentication.user_handle == USER.id
    assert authentication.sign_count is SignCountVerdict.INCREASED
    assert authentication.record.sign_count == 1
    assert authentication.user_present
    assert not authentication.user_verified


def test_its_port_matters() -> None:
    rp = RelyingParty(id="localhost", origins=["http://localhost:8000"])
    begun = rp.begin_registration(USER, challenge=binary(VECTORS["registration"]["challenge"]), now=NOW)
    with pytest.raises(ClientDataRefused) as caught:
        rp.finish_registration(begun.state, body("registration", "clientDataJSON", "attestationObject"), now=NOW)
    assert (caught.value.code, caught.value.step) == (Code.ORIGIN_NOT_EXPECTED, "registration.origin")
