"""The library's view of the entities: `CredentialStore` and `CeremonyStore` on the session of Flask-SQLAlchemy."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError

from passkey_backend.entities import Challenge, CredentialEntity, db
from unlatch import CeremonyState, CredentialRecord, Misconfigured
from unlatch.stores.protocols import already_registered
from unlatch.wire import base64url

MULTI, SINGLE = "multi_device", "single_device"


class CredentialEntities:
    """Credential records as rows of `CredentialEntity`."""

    def __init__(self, rp_id: str) -> None:
        self.rp_id = rp_id

    def add(self, record: CredentialRecord) -> None:
        entity = CredentialEntity(
            user_id=record.user_handle.decode(),
            credential_id=base64url.encode(record.id),
            credential_public_key=base64url.encode(record.public_key),
            sign_count=record.sign_count,
            credential_device_type=MULTI if record.backup_eligible else SINGLE,
            credential_backed_up=record.backup_state,
            transports=list(record.transports),
            uv_initialized=record.uv_initialized,
            created_at=record.created_at,
        )
        try:
            db.session.add(entity)
            db.session.flush()
        except IntegrityError:
            db.session.rollback()
            raise already_registered(record.id) from None

    def get(self, credential_id: bytes) -> CredentialRecord | None:
        wanted = select(CredentialEntity).filter_by(credential_id=base64url.encode(credential_id))
        # Read again each time: another request may have changed the row.
        entity = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
        return entity and self._record(entity)

    def for_user(self, user_handle: bytes) -> list[CredentialRecord]:
        return [self._record(entity) for entity in of_user(user_handle.decode())]

    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """Write what a sign-in changes, unless another sign-in was faster."""
        changed = db.session.execute(
            update(CredentialEntity)
            .where(
                CredentialEntity.credential_id == base64url.encode(before.id),
                CredentialEntity.user_id == before.user_handle.decode(),
                CredentialEntity.credential_public_key == base64url.encode(before.public_key),
                CredentialEntity.sign_count == before.sign_count,
                CredentialEntity.credential_backed_up == before.backup_state,
                CredentialEntity.uv_initialized == before.uv_initialized,
            )
            .values(
                sign_count=after.sign_count,
                credential_device_type=MULTI if after.backup_eligible else SINGLE,
                credential_backed_up=after.backup_state,
                uv_initialized=after.uv_initialized,
            )
        )
        return isinstance(changed, CursorResult) and changed.rowcount == 1

    def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        raise Misconfigured("This backend's entity keeps no name of a passkey; give it a column to offer renaming.")

    def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        wanted = delete(CredentialEntity).filter_by(
            user_id=user_handle.decode(), credential_id=base64url.encode(credential_id)
        )
        return db.session.execute(wanted).rowcount == 1

    def _record(self, entity: CredentialEntity) -> CredentialRecord:
        return CredentialRecord(
            id=base64url.decode(entity.credential_id, "credential_id"),
            public_key=base64url.decode(entity.credential_public_key, "credential_public_key"),
            sign_count=entity.sign_count,
            user_handle=entity.user_id.encode(),
            rp_id=self.rp_id,
            transports=tuple(entity.transports),
            uv_initialized=entity.uv_initialized,
            backup_eligible=entity.credential_device_type == MULTI,
            backup_state=entity.credential_backed_up,
            created_at=entity.created_at.replace(tzinfo=UTC),
        )


class Challenges:
    """Ceremonies by their challenge, which comes back in the client data: the page need not carry anything else."""

    def put(self, state: CeremonyState) -> str:
        challenge = base64url.encode(state.challenge)
        self.sweep(state.created_at)
        db.session.add(
            Challenge(challenge=challenge, state=state.to_json(), expires_at=state.expires_at.replace(tzinfo=None))
        )
        db.session.commit()
        return challenge

    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        taken = delete(Challenge).where(Challenge.challenge == ceremony_id).returning(Challenge.state)
        text = db.session.execute(taken).scalar_one_or_none()
        db.session.commit()  # used up, whatever comes of the rest
        state = None if text is None else CeremonyState.from_json(text)
        return state if state is not None and state.expires_at > now else None

    def sweep(self, now: datetime) -> int:
        return db.session.execute(delete(Challenge).where(Challenge.expires_at <= now.replace(tzinfo=None))).rowcount


def entity_of(credential_id: str) -> CredentialEntity | None:
    """The passkey with this id (base64url)."""
    return db.session.scalars(select(CredentialEntity).filter_by(credential_id=credential_id)).one_or_none()


def of_user(user_id: str) -> list[CredentialEntity]:
    """The passkeys of a user, oldest first."""
    wanted = select(CredentialEntity).filter_by(user_id=user_id).order_by(CredentialEntity.created_at)
    return list(db.session.scalars(wanted))
