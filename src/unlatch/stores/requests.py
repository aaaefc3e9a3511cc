"""What a flow can ask of its stores: one class for each operation, which performs itself, blocking or awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from unlatch.values import frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from datetime import datetime

    from unlatch.ceremonies.state import CeremonyState
    from unlatch.record import CredentialRecord
    from unlatch.stores.protocols import AsyncCeremonyStore, AsyncCredentialStore, CeremonyStore, CredentialStore

T_co = TypeVar("T_co", covariant=True)


@frozen
class Stores:
    """Where a blocking driver performs requests."""

    credentials: CredentialStore
    ceremonies: CeremonyStore


@frozen
class AsyncStores:
    """Where an awaiting driver performs requests."""

    credentials: AsyncCredentialStore
    ceremonies: AsyncCeremonyStore


class Request(Protocol[T_co]):
    """One operation of a store; `T_co` is what the flow gets for an answer."""

    def perform(self, stores: Stores) -> T_co:
        """Do it."""
        ...

    def perform_async(self, stores: AsyncStores) -> Awaitable[T_co]:
        """Do it; the answer is awaited."""
        ...


@frozen
class PutCeremony:
    """Keep a state; the answer is the ceremony's id."""

    state: CeremonyState

    def perform(self, stores: Stores) -> str:
        """`CeremonyStore.put`."""
        return stores.ceremonies.put(self.state)

    def perform_async(self, stores: AsyncStores) -> Awaitable[str]:
        """`AsyncCeremonyStore.put`."""
        return stores.ceremonies.put(self.state)


@frozen
class TakeCeremony:
    """Return a state and forget it; the answer is None when there is none to take."""

    ceremony_id: str
    now: datetime

    def perform(self, stores: Stores) -> CeremonyState | None:
        """`CeremonyStore.take`."""
        return stores.ceremonies.take(self.ceremony_id, self.now)

    def perform_async(self, stores: AsyncStores) -> Awaitable[CeremonyState | None]:
        """`AsyncCeremonyStore.take`."""
        return stores.ceremonies.take(self.ceremony_id, self.now)


@frozen
class AddCredential:
    """Keep a new record; a known id is thrown into the flow as `CredentialRefused`."""

    record: CredentialRecord

    def perform(self, stores: Stores) -> None:
        """`CredentialStore.add`."""
        stores.credentials.add(self.record)

    def perform_async(self, stores: AsyncStores) -> Awaitable[None]:
        """`AsyncCredentialStore.add`."""
        return stores.credentials.add(self.record)


@frozen
class GetCredential:
    """Find the record of a credential id."""

    credential_id: bytes

    def perform(self, stores: Stores) -> CredentialRecord | None:
        """`CredentialStore.get`."""
        return stores.credentials.get(self.credential_id)

    def perform_async(self, stores: AsyncStores) -> Awaitable[CredentialRecord | None]:
        """`AsyncCredentialStore.get`."""
        return stores.credentials.get(self.credential_id)


@frozen
class UserCredentials:
    """List the records of a user."""

    user_handle: bytes

    def perform(self, stores: Stores) -> list[CredentialRecord]:
        """`CredentialStore.for_user`."""
        return stores.credentials.for_user(self.user_handle)

    def perform_async(self, stores: AsyncStores) -> Awaitable[list[CredentialRecord]]:
        """`AsyncCredentialStore.for_user`."""
        return stores.credentials.for_user(self.user_handle)


@frozen
class UpdateCredential:
    """Compare and set; the answer is whether the record still was as in `before`."""

    before: CredentialRecord
    after: CredentialRecord

    def perform(self, stores: Stores) -> bool:
        """`CredentialStore.update`."""
        return stores.credentials.update(self.before, self.after)

    def perform_async(self, stores: AsyncStores) -> Awaitable[bool]:
        """`AsyncCredentialStore.update`."""
        return stores.credentials.update(self.before, self.after)


@frozen
class RenameCredential:
    """Give a credential of a user another name; the answer is whether the user has it."""

    user_handle: bytes
    credential_id: bytes
    name: str

    def perform(self, stores: Stores) -> bool:
        """`CredentialStore.rename`."""
        return stores.credentials.rename(self.user_handle, self.credential_id, self.name)

    def perform_async(self, stores: AsyncStores) -> Awaitable[bool]:
        """`AsyncCredentialStore.rename`."""
        return stores.credentials.rename(self.user_handle, self.credential_id, self.name)


@frozen
class RemoveCredential:
    """Forget a credential of a user; the answer is whether the user had it."""

    user_handle: bytes
    credential_id: bytes

    def perform(self, stores: Stores) -> bool:
        """`CredentialStore.remove`."""
        return stores.credentials.remove(self.user_handle, self.credential_id)

    def perform_async(self, stores: AsyncStores) -> Awaitable[bool]:
        """`AsyncCredentialStore.remove`."""
        return stores.credentials.remove(self.user_handle, self.credential_id)
