"""A credential record as the columns of its row, and back."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from unlatch.adapters.django.database import from_column, to_column
from unlatch.adapters.django.models import Credential, digest
from unlatch.record import CredentialRecord
from unlatch.terms import Aaguid, AttestationType, CredentialId, RpId, TrustVerdict, UserHandle

#: Fields that are in both under the same name, in the same form.
_SAME = (
    "rp_id",
    "public_key",
    "sign_count",
    "uv_initialized",
    "backup_eligible",
    "backup_state",
    "attestation_format",
    "discoverable",
    "name",
    "attestation_object",
    "client_data_json",
)


def to_row(record: CredentialRecord) -> dict[str, Any]:
    """The columns, but for the user, who is found by the handle."""
    return {
        **{name: getattr(record, name) for name in _SAME},
        "id_sha256": digest(record.id),
        "credential_id": record.id,
        "user_handle": record.user_handle.hex(),
        "aaguid": UUID(bytes=bytes(record.aaguid)),
        "attestation_type": str(record.attestation_type),
        "trust": str(record.trust),
        "transports": json.dumps(record.transports),
        "attachment": None if record.attachment is None else json.dumps(record.attachment),
        "created_at": to_column(record.created_at),
        "last_used_at": to_column(record.last_used_at),
    }


def from_row(row: Credential) -> CredentialRecord:
    """The record; some drivers give bytes as a `memoryview`."""
    return CredentialRecord(
        id=CredentialId(bytes(row.credential_id)),
        public_key=bytes(row.public_key),
        sign_count=row.sign_count,
        user_handle=UserHandle(bytes.fromhex(row.user_handle)),
        rp_id=RpId(row.rp_id),
        transports=tuple(json.loads(row.transports)),
        uv_initialized=row.uv_initialized,
        backup_eligible=row.backup_eligible,
        backup_state=row.backup_state,
        aaguid=Aaguid(row.aaguid.bytes),
        attestation_format=row.attestation_format,
        attestation_type=AttestationType(row.attestation_type),
        trust=TrustVerdict(row.trust),
        discoverable=row.discoverable,
        attachment=None if row.attachment is None else json.loads(row.attachment),
        name=row.name,
        created_at=from_column(row.created_at),
        last_used_at=from_column(row.last_used_at),
        attestation_object=_bytes(row.attestation_object),
        client_data_json=_bytes(row.client_data_json),
    )


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)
