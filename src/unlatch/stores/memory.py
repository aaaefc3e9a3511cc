"""Stores in the memory of one process: for tests, examples and programs that may forget everything when they end.

Each method holds one lock for a few dictionary accesses, so the stores are safe in threads, and their asynchronous
twins may call them directly: they never wait for anything but that lock.
"""

from __future__ import annotations

import heapq
import secrets
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from unlatch.stores.protocols import already_registered, already_used, oldest_first

if TYPE_CHECKING:
    from datetime import datetime

    from unlatch.ceremonies.state import CeremonyState
    from unlatch.record import CredentialRecord


def _judged(record: CredentialRecord) -> tuple[object, ...]:
    """What a sign-in is judged by; owner and key too: the id may have been removed and registered by somebody else."""
    return record.user_handle, record.public_key, record.sign_count, record.backup_state, record.uv_initialized


class MemoryCredentials:
    """A `CredentialStore` in a dictionary."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._records: dict[bytes, CredentialRecord] = {}
        self._ids_of: dict[bytes, dict[bytes, None]] = {}

    def add(self, record: CredentialRecord) -> None:
        """Keep a new record; see `CredentialStore.add`."""
        with self._lock:
            if record.id in self._records:
                raise already_registered(record.id)
            self._records[record.id] = record
            # A dictionary and not a set: it remembers the order.
            self._ids_of.setdefault(record.user_handle, {})[record.id] = None

    def get(self, credential_id: bytes) -> CredentialRecord | None:
        """Return the record of a credential, or None."""
        with self._lock:
            return self._records.get(credential_id)

    def for_user(self, user_handle: bytes) -> list[CredentialRecord]:
        """Return the records of a user, oldest first."""
        with self._lock:
            return oldest_first(self._records[key] for key in self._ids_of.get(user_handle, ()))

    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """Replace what a sign-in changes, if nobody was faster; see `CredentialStore.update`."""
        with self._lock:
            stored = self._records.get(before.id)
            if stored is None or _judged(stored) != _judged(before):
                return False
            self._records[before.id] = replace(
                stored,
                sign_count=after.sign_count,
                backup_state=after.backup_state,
                backup_eligible=after.backup_eligible,
                uv_initialized=after.uv_initialized,
                last_used_at=after.last_used_at,
            )
            return True

    def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        """Give a credential of this user another name; False if the user has no such credential."""
        with self._lock:
            if credential_id not in self._ids_of.get(user_handle, ()):
                return False
            self._records[credential_id] = replace(self._records[credential_id], name=name)
            return True

    def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        """Forget a credential of this user; False if the user has no such credential."""
        with self._lock:
            ids = self._ids_of.get(user_handle, {})
            if credential_id not in ids:
                return False
            del ids[credential_id], self._records[credential_id]
            if not ids:
                del self._ids_of[user_handle]
            return True


class MemoryCeremonies:
    """A `CeremonyStore` in a dictionary.

    `put` forgets what has expired by the time its own state was created, so an abandoned ceremony does not stay in
    memory even where nobody calls `sweep`.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._states: dict[str, CeremonyState] = {}
        self._expiries: list[tuple[datetime, str]] = []

    def put(self, state: CeremonyState) -> str:
        """Keep a state and return its id: 192 random bits as text."""
        ceremony_id = secrets.token_urlsafe(24)
        with self._lock:
            self._sweep(state.created_at)
            self._states[ceremony_id] = state
            heapq.heappush(self._expiries, (state.expires_at, ceremony_id))
        return ceremony_id

    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """Return a state once, unless it has expired; see `CeremonyStore.take`."""
        with self._lock:
            state = self._states.pop(ceremony_id, None)
        return state if state is not None and state.expires_at > now else None

    def sweep(self, now: datetime) -> int:
        """Forget states that expire at or before `now`, and return how many."""
        with self._lock:
            return self._sweep(now)

    def _sweep(self, now: datetime) -> int:
        swept = 0
        while self._expiries and self._expiries[0][0] <= now:
            _, ceremony_id = heapq.heappop(self._expiries)
            if self._states.pop(ceremony_id, None) is not None:
                swept += 1
        return swept


class MemoryCeremonyUses:
    """A `CeremonyUses` in a dictionary, which forgets by itself what may be forgotten."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._used: set[bytes] = set()
        self._expiries: list[tuple[datetime, bytes]] = []

    def use(self, key: bytes, *, now: datetime, until: datetime) -> None:
        """Remember a use; see `CeremonyUses.use`."""
        with self._lock:
            self._sweep(now)
            if key in self._used:
                raise already_used()
            self._used.add(key)
            heapq.heappush(self._expiries, (until, key))

    def sweep(self, now: datetime) -> int:
        """Forget uses that may be forgotten at `now`, and return how many."""
        with self._lock:
            return self._sweep(now)

    def _sweep(self, now: datetime) -> int:
        swept = 0
        while self._expiries and self._expiries[0][0] <= now:
            self._used.remove(heapq.heappop(self._expiries)[1])
            swept += 1
        return swept


class AsyncMemoryCredentials:
    """An `AsyncCredentialStore` in a dictionary."""

    def __init__(self) -> None:
        self._store = MemoryCredentials()

    async def add(self, record: CredentialRecord) -> None:
        """As `MemoryCredentials.add`."""
        self._store.add(record)

    async def get(self, credential_id: bytes) -> CredentialRecord | None:
        """As `MemoryCredentials.get`."""
        return self._store.get(credential_id)

    async def for_user(self, user_handle: bytes) -> list[CredentialRecord]:
        """As `MemoryCredentials.for_user`."""
        return self._store.for_user(user_handle)

    async def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """As `MemoryCredentials.update`."""
        return self._store.update(before, after)

    async def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        """As `MemoryCredentials.rename`."""
        return self._store.rename(user_handle, credential_id, name)

    async def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        """As `MemoryCredentials.remove`."""
        return self._store.remove(user_handle, credential_id)


class AsyncMemoryCeremonies:
    """An `AsyncCeremonyStore` in a dictionary."""

    def __init__(self) -> None:
        self._store = MemoryCeremonies()

    async def put(self, state: CeremonyState) -> str:
        """As `MemoryCeremonies.put`."""
        return self._store.put(state)

    async def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """As `MemoryCeremonies.take`."""
        return self._store.take(ceremony_id, now)

    async def sweep(self, now: datetime) -> int:
        """As `MemoryCeremonies.sweep`."""
        return self._store.sweep(now)


class AsyncMemoryCeremonyUses:
    """An `AsyncCeremonyUses` in a dictionary."""

    def __init__(self) -> None:
        self._store = MemoryCeremonyUses()

    async def use(self, key: bytes, *, now: datetime, until: datetime) -> None:
        """As `MemoryCeremonyUses.use`."""
        self._store.use(key, now=now, until=until)

    async def sweep(self, now: datetime) -> int:
        """As `MemoryCeremonyUses.sweep`."""
        return self._store.sweep(now)
