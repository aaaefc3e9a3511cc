"""The stores, awaited, for asynchronous views: Django's database works in threads, so that is where these call it.

Transactions belong to the thread; open one around several calls there, not around awaits.
"""

from __future__ import annotations

from datetime import datetime

from asgiref.sync import sync_to_async

from unlatch.adapters.django.stores import DjangoCeremonies, DjangoCredentials
from unlatch.ceremonies.state import CeremonyState
from unlatch.record import CredentialRecord


class AsyncDjangoCredentials:
    """`DjangoCredentials`, awaited."""

    def __init__(self, using: str | None = None) -> None:
        """As `DjangoCredentials`."""
        self._store = DjangoCredentials(using)

    async def add(self, record: CredentialRecord) -> None:
        """As `DjangoCredentials.add`."""
        await sync_to_async(self._store.add)(record)

    async def get(self, credential_id: bytes) -> CredentialRecord | None:
        """As `DjangoCredentials.get`."""
        return await sync_to_async(self._store.get)(credential_id)

    async def for_user(self, user_handle: bytes) -> list[CredentialRecord]:
        """As `DjangoCredentials.for_user`."""
        return await sync_to_async(self._store.for_user)(user_handle)

    async def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """As `DjangoCredentials.update`."""
        return await sync_to_async(self._store.update)(before, after)

    async def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        """As `DjangoCredentials.rename`."""
        return await sync_to_async(self._store.rename)(user_handle, credential_id, name)

    async def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        """As `DjangoCredentials.remove`."""
        return await sync_to_async(self._store.remove)(user_handle, credential_id)


class AsyncDjangoCeremonies:
    """`DjangoCeremonies`, awaited."""

    def __init__(self, using: str | None = None) -> None:
        """As `DjangoCredentials`."""
        self._store = DjangoCeremonies(using)

    async def put(self, state: CeremonyState) -> str:
        """As `DjangoCeremonies.put`."""
        return await sync_to_async(self._store.put)(state)

    async def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """As `DjangoCeremonies.take`."""
        return await sync_to_async(self._store.take)(ceremony_id, now)

    async def sweep(self, now: datetime) -> int:
        """As `DjangoCeremonies.sweep`."""
        return await sync_to_async(self._store.sweep)(now)
