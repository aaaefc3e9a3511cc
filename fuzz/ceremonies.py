"""The ceremonies that the fuzzed responses belong to: always the same challenge, time and relying party."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from unlatch import AttestationPolicy, CredentialRecord, Policy, RelyingParty, UserEntity
from unlatch.attestation.formats import FORMATS
from unlatch.testing.keys import credential_algorithms
from unlatch.wire import strict_json

RP_ID, ORIGIN = "example.org", "https://example.org"
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
CHALLENGE = bytes(range(32))
ADA = UserEntity(b"handle-of-ada", "ada", "Ada")
EXTENSIONS = {"credProps": True, "prf": {"eval": {"first": "AAEC"}}, "largeBlob": {"support": "preferred"}}

RP = RelyingParty(
    id=RP_ID,
    origins=[ORIGIN],
    policy=Policy(
        algorithms=credential_algorithms(),
        allow_cross_origin=True,
        allow_subdomains=True,
        top_origins=["*"],
        attestation=AttestationPolicy(
            conveyance="direct", formats=tuple(FORMATS), allow_unanchored=True, allow_none=True, allow_self=True
        ),
    ),
)
CREATION = RP.begin_registration(ADA, challenge=CHALLENGE, now=AT, extensions=EXTENSIONS)
REQUEST = RP.begin_authentication(challenge=CHALLENGE, now=AT)


def finish_registration(body: bytes) -> object:
    """Finish the registration with these bytes as they are."""
    return RP.finish_registration(CREATION.state, body, now=AT)


def finish_authentication(text: bytes) -> object:
    """Finish the sign-in: ``{"record": ..., "response": ...}``, so that the stored record is fuzzed as well."""
    value: dict[str, Any] = strict_json.parse_object(text, "input")
    record = CredentialRecord.from_json(strict_json.object_member(value, "record", "input"))
    return RP.finish_authentication(REQUEST.state, json.dumps(value.get("response")), record, now=AT)
