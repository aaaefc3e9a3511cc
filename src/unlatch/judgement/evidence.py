"""What each step looks at, for steps that passed: the two sides of its comparison."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.state import CeremonyState
from unlatch.errors import printable
from unlatch.record import CredentialRecord
from unlatch.steps.credential import MAX_CREDENTIAL_ID_LENGTH
from unlatch.terms import Mediation, UserVerification
from unlatch.wire import base64url
from unlatch.wire.authenticator_data import AuthenticatorData
from unlatch.wire.client_data import CollectedClientData
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse


def registration_evidence(
    state: CeremonyState, policy: Policy, response: RegistrationResponse
) -> dict[str, dict[str, Any]]:
    """For each slug what the step compares."""
    attested_object = response.attestation_object
    data, attested = attested_object.authenticator_data, attested_object.attested
    return _printable(
        {
            **_shared(state, "webauthn.create", response.client_data, data),
            "user-presence": (state.mediation is not Mediation.CONDITIONAL, data.user_present),
            "backup-eligibility": (str(policy.backup), data.backup_eligible),
            "backup-state": (policy.require_backed_up, data.backup_state),
            "algorithm": (list(state.algorithms), attested.public_key.algorithm.id),
            "format": (sorted(policy.attestation.formats), attested_object.format),
            "attestation-statement": (None, attested_object.format),
            "attestation-trust": (None, attested.aaguid),
            "credential-id-length": (MAX_CREDENTIAL_ID_LENGTH, len(attested.credential_id)),
            "record": (None, attested.credential_id),
            "extensions": (sorted(state.extensions), _outputs(response.client_extension_results, data)),
        }
    )


def authentication_evidence(
    state: CeremonyState, response: AuthenticationResponse, record: CredentialRecord
) -> dict[str, dict[str, Any]]:
    """For each slug what the step compares."""
    data = response.authenticator_data
    return _printable(
        {
            **_shared(state, "webauthn.get", response.client_data, data),
            "allow-credentials": (list(state.allow_credentials), response.credential_id),
            "user": (record.user_handle, response.user_handle),
            "user-presence": (True, data.user_present),
            "backup-eligibility": (record.backup_eligible, data.backup_eligible),
            "signature": (record.public_key, response.signature),
            "sign-count": (record.sign_count, data.sign_count),
            "extensions": (sorted(state.extensions), _outputs(response.client_extension_results, data)),
        }
    )


def _shared(
    state: CeremonyState, kind: str, client_data: CollectedClientData, data: AuthenticatorData
) -> dict[str, tuple[object, object]]:
    return {
        "options": (f"{state.created_at.isoformat()} to {state.expires_at.isoformat()}", None),
        "type": (kind, client_data.type),
        "challenge": (base64url.encode(state.challenge), client_data.challenge),
        "origin": (list(state.origins), client_data.origin),
        "cross-origin": (state.allow_cross_origin, client_data.cross_origin),
        "top-origin": (list(state.top_origins), client_data.top_origin),
        "client-data-hash": (None, client_data.hash),
        "rp-id-hash": (sha256(state.rp_id.encode("utf-8")).digest(), data.rp_id_hash),
        "user-verification": (state.user_verification is UserVerification.REQUIRED, data.user_verified),
        "backup-flags": (None, {"BE": data.backup_eligible, "BS": data.backup_state}),
    }


def _outputs(client_outputs: Mapping[str, Any], data: AuthenticatorData) -> dict[str, list[str]]:
    return {"client": sorted(map(str, client_outputs)), "signed": sorted(data.extensions)}


def _printable(compared: dict[str, tuple[object, object]]) -> dict[str, dict[str, Any]]:
    return {
        slug: {
            name: value if isinstance(value, dict) else printable(value)
            for name, value in (("expected", expected), ("received", received))
            if value is not None
        }
        for slug, (expected, received) in compared.items()
    }
