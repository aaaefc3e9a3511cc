"""What a store must do. Anything with these methods is a store; `unlatch.stores.contract` tests that it behaves.

Two things are kept, and they may live in different places (records in a database, ceremonies in Redis):

* *credential records*, for as long as the account lives;
* *ceremony states*, for the few minutes between the options and the response.

Three promises make a store safe, and all three are about what happens when two requests come at once:

1. `CeremonyStore.take` hands a state out once. Reading and deleting are one atomic action of the store.
2. `CredentialStore.add` refuses an id that is there, by a unique constraint: looking first is not enough.
3. `CredentialStore.update` changes a record only if it still is what the caller judged (compare-and-set).

A store that cannot answer raises `unlatch.errors.Unavailable`; its driver's own errors stay inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, CredentialRefused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from unlatch.ceremonies.state import CeremonyState
    from unlatch.record import CredentialRecord


class CredentialStore(Protocol):
    """Keeps credential records. Ids are unique in the whole store, whoever owns them (section 7.1)."""

    def add(self, record: CredentialRecord) -> None:
        """Keep a new record.

        Raises:
            CredentialRefused: A record with this id is there already, of this user or of another.
            Unavailable: The store did not answer; the record may or may not be kept.
        """
        ...

    def get(self, credential_id: bytes) -> CredentialRecord | None:
        """Return the record of a credential, or None.

        Raises:
            Unavailable: The store did not answer.
        """
        ...

    def for_user(self, user_handle: bytes) -> list[CredentialRecord]:
        """Return the records of a user, oldest first (see `oldest_first`).

        Raises:
            Unavailable: The store did not answer.
        """
        ...

    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """Replace what a sign-in changes, if nobody was faster.

        Only `sign_count`, `backup_state`, `backup_eligible`, `uv_initialized` and `last_used_at` are taken from
        `after`; the id of both is the same.

        Returns:
            True if the stored `user_handle`, `public_key`, `sign_count`, `backup_state` and `uv_initialized` were those
            of `before`, and the latter three now are those of `after`; False if they were not, or the record is gone,
            and nothing changed. Owner and key count because the id may have been removed and registered anew, by
            somebody else, since `before` was read.

        Raises:
            Unavailable: The store did not answer.
        """
        ...

    def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        """Give a credential of this user another name; False if the user has no such credential.

        Raises:
            Unavailable: The store did not answer.
        """
        ...

    def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        """Forget a credential of this user; False if the user has no such credential.

        Raises:
            Unavailable: The store did not answer.
        """
        ...


class CeremonyStore(Protocol):
    """Keeps ceremony states until they are taken or expire."""

    def put(self, state: CeremonyState) -> str:
        """Keep a state and return the id under which it can be taken: unguessable text, safe in a URL.

        Raises:
            Unavailable: The store did not answer.
        """
        ...

    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """Return a state and forget it, in one atomic action: of any number of callers at once, one gets it.

        Args:
            ceremony_id: What `put` returned; comes from the client, so any text.
            now: The time of the request, aware. A state that expires at or before it is forgotten, not returned.

        Returns:
            The state, or None if the id is unknown, was taken, or has expired.

        Raises:
            CeremonyRefused: Instead of None, by a store that can tell which of them it is.
            Unavailable: The store did not answer.
        """
        ...

    def sweep(self, now: datetime) -> int:
        """Forget states that expire at or before `now`, and return how many. To be called now and then.

        Raises:
            Unavailable: The store did not answer.
        """
        ...


class CeremonyUses(Protocol):
    """Remembers which sealed ceremonies were used (`unlatch.stores.sealed`)."""

    def use(self, key: bytes, *, now: datetime, until: datetime) -> None:
        """Remember a use, in one atomic action: of any number of callers at once with one key, one gets through.

        Args:
            key: 32 bytes that name the ceremony.
            now: The time of the request, aware.
            until: When the use may be forgotten, aware.

        Raises:
            CeremonyRefused: It was used before.
            Unavailable: The store did not answer; the use may or may not be remembered.
        """
        ...

    def sweep(self, now: datetime) -> int:
        """Forget uses that may be forgotten at `now`, and return how many.

        Raises:
            Unavailable: The store did not answer.
        """
        ...


class AsyncCredentialStore(Protocol):
    """`CredentialStore`, awaited."""

    async def add(self, record: CredentialRecord) -> None:
        """As `CredentialStore.add`."""
        ...

    async def get(self, credential_id: bytes) -> CredentialRecord | None:
        """As `CredentialStore.get`."""
        ...

    async def for_user(self, user_handle: bytes) -> list[CredentialRecord]:
        """As `CredentialStore.for_user`."""
        ...

    async def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """As `CredentialStore.update`."""
        ...

    async def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        """As `CredentialStore.rename`."""
        ...

    async def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        """As `CredentialStore.remove`."""
        ...


class AsyncCeremonyStore(Protocol):
    """`CeremonyStore`, awaited."""

    async def put(self, state: CeremonyState) -> str:
        """As `CeremonyStore.put`."""
        ...

    async def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """As `CeremonyStore.take`."""
        ...

    async def sweep(self, now: datetime) -> int:
        """As `CeremonyStore.sweep`."""
        ...


class AsyncCeremonyUses(Protocol):
    """`CeremonyUses`, awaited."""

    async def use(self, key: bytes, *, now: datetime, until: datetime) -> None:
        """As `CeremonyUses.use`."""
        ...

    async def sweep(self, now: datetime) -> int:
        """As `CeremonyUses.sweep`."""
        ...


def already_registered(credential_id: bytes) -> CredentialRefused:
    """The refusal of `CredentialStore.add`: "the credentialId is not yet registered for any user" (section 7.1)."""
    return CredentialRefused(
        Code.CREDENTIAL_ALREADY_REGISTERED,
        "credential-not-registered",
        received=credential_id,
        detail="a record with this credential id is in the store",
    )


def already_used() -> CeremonyRefused:
    """The refusal of `CeremonyUses.use`."""
    return CeremonyRefused(Code.CEREMONY_USED, "options", detail="this sealed ceremony was finished before")


def oldest_first(records: Iterable[CredentialRecord]) -> list[CredentialRecord]:
    """Sort records that come in the order in which they were added: by `created_at`, those without one first."""
    known: list[tuple[datetime, CredentialRecord]] = []
    unknown: list[CredentialRecord] = []
    for record in records:
        if record.created_at is None:
            unknown.append(record)
        else:
            known.append((record.created_at, record))
    return unknown + [record for _, record in sorted(known, key=lambda pair: pair[0])]
