"""The specification's own vectors, through the SQL functions; what is beyond the sql backend is refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postgres.databases import ADA, Caller, pem
from postgres.test_agreement import BEYOND_SQL, IN_SQL
from test_w3c_vectors import ANCHOR, LENIENT, PAIRS, binary
from unlatch.postgres.script import Backend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def within_reach(backend: Backend) -> Iterator[tuple[dict[str, Any], bool]]:
    for pair in PAIRS.values():
        if pair["name"] in LENIENT:
            continue  # the procedure as written refuses them, and nothing here softens it
        yield (
            pair,
            backend is Backend.PLPYTHON
            or (pair["attestation_type"] in ("none", "self") and pair["cose_alg"] in IN_SQL),
        )


def test_every_pair_within_reach(caller: Caller, backend: Backend) -> None:
    verified = 0
    for pair, reachable in within_reach(backend):
        attested = pair["attestation_type"] not in ("none", "self")
        caller.configure(
            relying_party_id=pair["rp_id"],
            origins=[pair["origin"]],
            algorithms=[pair["cose_alg"]],
            allow_cross_origin=pair["cross_origin"],
            top_origins=[pair["top_origin"]] if pair["top_origin"] else [],
            trust_anchors=[pem(ANCHOR)],
            required_trust="anchored" if attested else "none",
        )
        name = pair["name"]
        registration, authentication = pair["registration"], pair["authentication"]
        caller.begin_sign_up(name, ADA, challenge=binary(registration["challenge"]), attestation="direct")
        if not reachable:
            assert caller.refusal(caller.store, registration["response_json"])[1] in BEYOND_SQL, name
            continue
        assert caller.store(registration["response_json"]) == ADA, name
        caller.begin_sign_in(name, challenge=binary(authentication["challenge"]))
        assert caller.verify(authentication["response_json"]) == ADA, name
        verified += 1
        # One bit of the signature, or of what it is over.
        for member in ("signature", "authenticatorData"):
            damaged = bytearray(binary(authentication["response_json"]["response"][member]))
            damaged[-1] ^= 1
            response = dict(authentication["response_json"]["response"], **{member: text(bytes(damaged))})
            refused = caller.refusal(caller.verify, {**authentication["response_json"], "response": response})
            assert refused == ("23514", "verified_signature"), name
    assert verified == (9 if backend is Backend.SQL else len(PAIRS) - len(LENIENT))


def text(data: bytes) -> str:
    from unlatch.wire import base64url

    return base64url.encode(data)
