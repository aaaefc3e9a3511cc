"""The leniency of pg-webauthn, for relying parties that ask for it check by check (`webauthn.config.compat`).

A check that is left out is one whose answer is settled before: the parsed response says what was expected. The
received bytes stay, and so does everything that is signed. With nothing left out, nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from unlatch.record import CredentialRecord
from unlatch.terms import Flags
from unlatch.wire.authenticator_data import AuthenticatorData
from unlatch.wire.client_data import CollectedClientData
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse


def registration_without(
    checks: Collection[str], response: RegistrationResponse, *, origin: str, rp_id_hash: bytes
) -> RegistrationResponse:
    """The registration as it would be judged if certain checks were not made.

    Args:
        checks: Of `webauthn.config.compat`.
        response: As it came.
        origin: One that is accepted.
        rp_id_hash: The right one.
    """
    if not checks:
        return response
    attested = response.attestation_object
    data = _data_without(checks, attested.authenticator_data, rp_id_hash)
    if "backup" in checks and not data.backup_eligible:
        data = replace(data, flags=data.flags & ~Flags.BS)
    attested = replace(attested, authenticator_data=data)
    if "attestation" in checks:
        attested = replace(attested, format="none", statement={})
    return replace(
        response,
        client_data=_client_data_without(checks, response.client_data, origin),
        attestation_object=attested,
    )


def authentication_without(
    checks: Collection[str],
    response: AuthenticationResponse,
    record: CredentialRecord,
    *,
    origin: str,
    rp_id_hash: bytes,
) -> AuthenticationResponse:
    """The sign-in as it would be judged if certain checks were not made.

    Args:
        checks: Of `webauthn.config.compat`.
        response: As it came.
        record: Of the credential.
        origin: One that is accepted.
        rp_id_hash: The right one.
    """
    if not checks:
        return response
    data = _data_without(checks, response.authenticator_data, rp_id_hash)
    if "backup" in checks:
        registered = Flags.BE if record.backup_eligible else 0
        data = replace(data, flags=data.flags & ~(Flags.BE | Flags.BS) | registered)
    if "sign_count" in checks:
        data = replace(data, sign_count=record.sign_count + 1)
    return replace(
        response,
        client_data=_client_data_without(checks, response.client_data, origin),
        authenticator_data=data,
        user_handle=record.user_handle if "user_handle" in checks else response.user_handle,
    )


def _client_data_without(checks: Collection[str], data: CollectedClientData, origin: str) -> CollectedClientData:
    if "origin" in checks:
        data = replace(data, origin=origin)
    if "framing" in checks:
        data = replace(data, cross_origin=False, top_origin=None)
    return data


def _data_without(checks: Collection[str], data: AuthenticatorData, rp_id_hash: bytes) -> AuthenticatorData:
    if "user_presence" in checks:
        data = replace(data, flags=data.flags | Flags.UP)
    if "rp_id_hash" in checks:
        data = replace(data, rp_id_hash=rp_id_hash)
    return data
