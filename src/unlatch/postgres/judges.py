"""What runs inside PL/Python: rows and bytes in, the library's own ceremony, a verdict out.

The rows come as PL/Python hands them over: dictionaries with a text for everything but numbers, booleans, bytes and
arrays. Each verdict is a dictionary with the members of the SQL type `webauthn.verdict`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

from unlatch.attestation.anchors import TrustAnchors
from unlatch.attestation.formats import FORMATS
from unlatch.attestation.policy import AttestationPolicy
from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.ceremonies.state import CeremonyState
from unlatch.crypto.signatures import load_stored_key
from unlatch.errors import Malformed, Refused
from unlatch.postgres.leniency import authentication_without, registration_without
from unlatch.record import CredentialRecord
from unlatch.terms import (
    AttestationConveyance,
    CeremonyKind,
    CredentialId,
    Mediation,
    RpId,
    TrustVerdict,
    UserHandle,
    UserVerification,
)
from unlatch.wire import base64url
from unlatch.wire.algorithms import ALGORITHMS, DEFAULT_ALGORITHMS
from unlatch.wire.options import UserEntity
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

Row: TypeAlias = Mapping[str, Any]
Verdict: TypeAlias = dict[str, str | None]

#: What this backend offers: the usual ones first, then all others that credentials may have.
OFFERED = tuple(dict.fromkeys((*DEFAULT_ALGORITHMS, *(row.id for row in ALGORITHMS.values() if row.for_credentials))))
_SECOND = timedelta(seconds=1)
_RANK = (TrustVerdict.NONE, TrustVerdict.SELF, TrustVerdict.UNANCHORED, TrustVerdict.ANCHORED)


def registration(
    ceremony: Row, party: Row, credential_id: bytes, attestation_object: bytes, client_data: bytes, at: float
) -> Verdict:
    """Judge a registration (section 7.1); its challenge, time and user verification were looked at before.

    Args:
        ceremony: Of `webauthn.credential_challenges`.
        party: Of `webauthn.config`.
        credential_id: As decoded from base64url.
        attestation_object: As decoded from base64url.
        client_data: As decoded from base64url.
        at: Seconds since 1970.
    """
    now = datetime.fromtimestamp(at, UTC)
    try:
        rp = _relying_party(_frozen(party), ceremony["attestation"])
        response = RegistrationResponse.from_json(
            {
                "id": base64url.encode(credential_id),
                "type": "public-key",
                "response": {
                    "clientDataJSON": base64url.encode(client_data),
                    "attestationObject": base64url.encode(attestation_object),
                },
            }
        )
        response = registration_without(party["compat"], response, origin=party["origins"][0], rp_id_hash=rp.id_hash)
        state = replace(
            _state(CeremonyKind.REGISTRATION, ceremony, party, now),
            user=UserEntity(ceremony["user_id"], ceremony["user_name"], ceremony["user_display_name"]),
            algorithms=rp.policy.algorithms,
            attestation=rp.policy.attestation.conveyance,
        )
        verified = rp.finish_registration(state, response, now=now)
    except (Malformed, Refused) as error:
        return _refused(error)
    return _verdict(kind=str(verified.attestation.type), trust=str(verified.attestation.trust))


def authentication(
    ceremony: Row,
    party: Row,
    credential: Row,
    sign_count: int,
    authenticator_data: bytes,
    client_data: bytes,
    signature: bytes,
    user_handle: bytes | None,
    at: float,
) -> Verdict:
    """Judge a sign-in (section 7.2).

    Args:
        ceremony: Of `webauthn.assertion_challenges`.
        party: Of `webauthn.config`.
        credential: Of `webauthn.credentials`.
        sign_count: The highest counter seen so far.
        authenticator_data: As decoded from base64url.
        client_data: As decoded from base64url.
        signature: As decoded from base64url.
        user_handle: As decoded from base64url; None where there is none.
        at: Seconds since 1970.
    """
    now = datetime.fromtimestamp(at, UTC)
    try:
        rp = _relying_party(_frozen(party), "none")
        response = AuthenticationResponse.from_json(
            {
                "id": base64url.encode(credential["credential_id"]),
                "type": "public-key",
                "response": {
                    "clientDataJSON": base64url.encode(client_data),
                    "authenticatorData": base64url.encode(authenticator_data),
                    "signature": base64url.encode(signature),
                    "userHandle": None if user_handle is None else base64url.encode(user_handle),
                },
            }
        )
        state = _state(CeremonyKind.AUTHENTICATION, ceremony, party, now)
        if ceremony["user_name"] is not None:
            state = replace(state, user=UserEntity(credential["user_id"], ceremony["user_name"]))
        record = CredentialRecord(
            id=CredentialId(credential["credential_id"]),
            public_key=credential["cose_key"],
            sign_count=sign_count,
            user_handle=UserHandle(credential["user_id"]),
            # The rows were chosen by the RP ID hash before.
            rp_id=RpId(rp.id),
            uv_initialized=credential["user_verified"],
            backup_eligible=credential["backup_eligible"],
            backup_state=credential["backup_state"],
        )
        response = authentication_without(
            party["compat"], response, record, origin=party["origins"][0], rp_id_hash=rp.id_hash
        )
        rp.finish_authentication(state, response, record, now=now)
    except (Malformed, Refused) as error:
        return _refused(error)
    return _verdict()


def is_valid(cose_key: bytes, data: bytes, signature: bytes) -> bool:
    """Whether a signature is that of a COSE key.

    Raises:
        Malformed: The key is none that a credential can have.
    """
    return load_stored_key(cose_key, "cose_key").verifies(signature, data)


def _state(kind: CeremonyKind, ceremony: Row, party: Row, now: datetime) -> CeremonyState:
    """The state that the library would have kept; the life span was judged in SQL, by the row's own times."""
    return CeremonyState(
        kind=kind,
        challenge=ceremony["challenge"],
        rp_id=party["relying_party_id"],
        origins=tuple(party["origins"]),
        created_at=now,
        expires_at=now + _SECOND,
        allow_cross_origin=party["allow_cross_origin"],
        top_origins=tuple(party["top_origins"]),
        mediation=Mediation.OPTIONAL,
        user_verification=UserVerification(ceremony["user_verification"]),
    )


def _frozen(party: Row) -> tuple[tuple[str, Any], ...]:
    """The row as something that a cache can look up."""
    return tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in party.items())


@lru_cache(maxsize=16)
def _relying_party(party: tuple[tuple[str, Any], ...], conveyance: str) -> RelyingParty:
    row = dict(party)
    trust = _RANK.index(TrustVerdict(row["required_trust"]))
    asked = AttestationConveyance(conveyance)
    if trust and asked is AttestationConveyance.NONE:
        # A policy asks for what it requires; what was asked in fact stands in the challenge's row.
        asked = AttestationConveyance.DIRECT
    aaguids = row["permitted_aaguids"]
    return RelyingParty(
        id=row["relying_party_id"],
        policy=Policy(
            algorithms=(-7,) if "options" in row["compat"] else tuple(row["algorithms"] or OFFERED),
            backup=row["backup"],
            eligibility_change=row["eligibility_change"],
            counter_regression=row["counter_regression"],
            attestation=AttestationPolicy(
                conveyance=asked,
                formats=tuple(FORMATS),
                anchors=(TrustAnchors(certificates=row["trust_anchors"]),) if row["trust_anchors"] else (),
                allow_none=trust == 0,
                allow_self=trust <= 1,
                allow_unanchored=trust <= 2,
                permitted_aaguids=None if aaguids is None else [bytes.fromhex(a.replace("-", "")) for a in aaguids],
            ),
        ),
    )


def _refused(error: Malformed | Refused) -> Verdict:
    step = error.step if isinstance(error, Refused) else error.path
    return {**_verdict(), "code": str(error.code), "step": step, "detail": error.detail or None}


def _verdict(*, kind: str | None = None, trust: str | None = None) -> Verdict:
    return {"code": None, "step": None, "detail": None, "attestation_type": kind, "attestation_trust": trust}
