"""Records and states to keep, at the ends of what their fields may hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from unlatch.ceremonies.state import CeremonyState
from unlatch.record import CredentialRecord
from unlatch.terms import AttestationType, CeremonyKind, CredentialId, Mediation, RpId, TrustVerdict, UserHandle
from unlatch.wire.options import UserEntity

#: The time at which the contract plays.
NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def sample_record(
    credential_id: bytes,
    *,
    user_handle: bytes = b"ada",
    sign_count: int = 0,
    backup_state: bool = False,
    uv_initialized: bool = False,
    name: str | None = None,
    created_at: datetime | None = NOW,
    last_used_at: datetime | None = None,
) -> CredentialRecord:
    """Make a plain record; its key is no key, which is nothing to a store."""
    return CredentialRecord(
        id=CredentialId(credential_id),
        public_key=b"\xa5\x01\x02",
        sign_count=sign_count,
        user_handle=UserHandle(user_handle),
        rp_id=RpId("example.org"),
        backup_state=backup_state,
        uv_initialized=uv_initialized,
        name=name,
        created_at=created_at,
        last_used_at=last_used_at,
    )


def full_record() -> CredentialRecord:
    """Make a record in which no field has its default, with what clients may put into the fields they fill."""
    return CredentialRecord(
        id=CredentialId(bytes(range(256))),
        public_key=bytes(2000),
        sign_count=2**31,
        user_handle=UserHandle(b"\x00handle\x00"),
        rp_id=RpId("login.example.org"),
        transports=("internal", "", "\x00", "\u2028", "x" * 300),
        uv_initialized=True,
        backup_eligible=True,
        backup_state=True,
        aaguid=bytes(range(16)),  # type: ignore[arg-type] # 16 bytes are an AAGUID
        attestation_format="packed",
        attestation_type=AttestationType.BASIC_OR_ATTCA,
        trust=TrustVerdict.UNANCHORED,
        discoverable=False,
        attachment="cross-platform\x00\U0001f511",
        name="Ada\u2019s \U0001f511 'key' \\ \"two\"\n% ",
        created_at=NOW.astimezone(zone(5.5)),
        last_used_at=NOW + timedelta(days=3000, microseconds=1),
        attestation_object=bytes(range(256)) * 200,
        client_data_json=b'{"type":"webauthn.create"}\xff\x00',
    )


def sample_state(
    kind: CeremonyKind = CeremonyKind.AUTHENTICATION, *, expires_at: datetime = NOW + timedelta(seconds=300)
) -> CeremonyState:
    """Make a state that was created 300 seconds before it expires."""
    return CeremonyState(
        kind=kind,
        challenge=bytes(range(32)),
        rp_id="example.org",
        origins=("https://example.org", "https://login.example.org:8443"),
        created_at=expires_at - timedelta(seconds=300),
        expires_at=expires_at,
        mediation=Mediation.CONDITIONAL,
        user=UserEntity(b"\x00ada", "ada", "Ada \u2013 \U0001f511"),
        algorithms=(-8, -7, -257),
        allow_credentials=(b"\x00", bytes(1023)),
        extensions={"appid": "https://example.org/app-id.json"},
        session_hash=bytes(range(32)),
    )


def zone(hours: float) -> timezone:
    """A fixed distance from UTC, in hours."""
    return timezone(timedelta(hours=hours))
