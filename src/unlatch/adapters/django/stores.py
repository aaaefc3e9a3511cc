"""Stores of credential records, ceremonies and uses in Django's database.

Each works inside the transaction that is open, if one is; otherwise each call commits by itself. `async_stores` has
them awaited.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import IntegrityError, router, transaction

from unlatch.adapters.django.database import from_column, to_column, translated
from unlatch.adapters.django.models import Ceremony, CeremonyUse, Credential, UserHandle, digest
from unlatch.adapters.django.rows import from_row, to_row
from unlatch.ceremonies.state import CeremonyState
from unlatch.record import CredentialRecord
from unlatch.stores.protocols import already_registered, already_used, oldest_first


class DjangoCredentials:
    """A `CredentialStore` in the table of `Credential`."""

    def __init__(self, using: str | None = None) -> None:
        """Use a database.

        Args:
            using: Its alias in `settings.DATABASES`; None for the one that routers choose.
        """
        self._using = using or router.db_for_write(Credential)
        self._rows = Credential.objects.using(self._using)

    def add(self, record: CredentialRecord) -> None:
        """Keep a new record; see `CredentialStore.add`."""
        row = Credential(**to_row(record))
        with translated():
            owners = UserHandle.objects.using(self._using).filter(value=row.user_handle)
            row.user_id = owners.values_list("user_id", flat=True).first()
            try:
                # A savepoint, where a transaction is open: it survives the refusal.
                with transaction.atomic(using=self._using):
                    row.save(using=self._using, force_insert=True)
            except IntegrityError:
                if self._rows.filter(id_sha256=row.id_sha256).exists():
                    raise already_registered(record.id) from None
                raise

    def get(self, credential_id: bytes) -> CredentialRecord | None:
        """Return the record of a credential, or None."""
        with translated():
            row = self._rows.filter(id_sha256=digest(credential_id)).first()
        return None if row is None else from_row(row)

    def for_user(self, user_handle: bytes) -> list[CredentialRecord]:
        """Return the records of a user, oldest first."""
        with translated():
            rows = list(self._rows.filter(user_handle=user_handle.hex()).order_by("pk"))
        return oldest_first(from_row(row) for row in rows)

    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """Replace what a sign-in changes, if nobody was faster; see `CredentialStore.update`."""
        with translated():
            unchanged = self._rows.filter(
                id_sha256=digest(before.id),
                user_handle=before.user_handle.hex(),
                public_key=before.public_key,
                sign_count=before.sign_count,
                backup_state=before.backup_state,
                uv_initialized=before.uv_initialized,
            )
            changed = unchanged.update(
                sign_count=after.sign_count,
                backup_state=after.backup_state,
                uv_initialized=after.uv_initialized,
                backup_eligible=after.backup_eligible,
                last_used_at=to_column(after.last_used_at),
            )
        return bool(changed == 1)

    def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        """Give a credential of this user another name; False if the user has no such credential."""
        with translated():
            owned = self._rows.filter(id_sha256=digest(credential_id), user_handle=user_handle.hex())
            return bool(owned.update(name=name) == 1)

    def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        """Forget a credential of this user; False if the user has no such credential."""
        with translated():
            owned = self._rows.filter(id_sha256=digest(credential_id), user_handle=user_handle.hex())
            removed, _ = owned.delete()
        return bool(removed == 1)


class DjangoCeremonies:
    """A `CeremonyStore` in the table of `Ceremony`."""

    def __init__(self, using: str | None = None) -> None:
        """As `DjangoCredentials`."""
        self._rows = Ceremony.objects.using(using or router.db_for_write(Ceremony))

    def put(self, state: CeremonyState) -> str:
        """Keep a state and return its id: 192 random bits as text, of which the table holds the SHA-256."""
        ceremony_id = secrets.token_urlsafe(24)
        with translated():
            self._rows.create(
                id_sha256=digest(ceremony_id),
                kind=str(state.kind),
                state=state.to_json(),
                expires_at=to_column(state.expires_at),
            )
        return ceremony_id

    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """Return a state once, unless it has expired; see `CeremonyStore.take`.

        States never change, so it does not matter how many read one: whoever's statement deletes the row has it.
        """
        with translated():
            rows = self._rows.filter(pk=digest(ceremony_id))
            row = rows.first()
            if row is None:
                return None
            deleted, _ = rows.delete()
        expires_at = from_column(row.expires_at)
        if deleted != 1 or expires_at is None or expires_at <= now:
            return None
        return CeremonyState.from_json(row.state)

    def sweep(self, now: datetime) -> int:
        """Forget states that expire at or before `now`, and return how many."""
        with translated():
            deleted, _ = self._rows.filter(expires_at__lte=to_column(now)).delete()
        return int(deleted)


class DjangoCeremonyUses:
    """A `CeremonyUses` in the table of `CeremonyUse`, for `SealedCeremonies`."""

    def __init__(self, using: str | None = None) -> None:
        """As `DjangoCredentials`."""
        self._using = using or router.db_for_write(CeremonyUse)
        self._rows = CeremonyUse.objects.using(self._using)

    def use(self, key: bytes, *, now: datetime, until: datetime) -> None:  # noqa: ARG002 - for stores that count down
        """Remember a use; see `CeremonyUses.use`."""
        with translated():
            try:
                with transaction.atomic(using=self._using):
                    self._rows.create(id_sha256=key.hex(), expires_at=to_column(until))
            except IntegrityError:
                raise already_used() from None

    def sweep(self, now: datetime) -> int:
        """Forget uses that may be forgotten at `now`, and return how many."""
        with translated():
            deleted, _ = self._rows.filter(expires_at__lte=to_column(now)).delete()
        return int(deleted)
