"""The contract is worth something: a store with one fault fails the test that is about it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from unlatch.errors import CredentialRefused
from unlatch.stores.contract import NOW, CeremonyStoreContract, CredentialStoreContract
from unlatch.stores.memory import MemoryCeremonies, MemoryCredentials

if TYPE_CHECKING:
    from datetime import datetime

    from unlatch.ceremonies.state import CeremonyState
    from unlatch.record import CredentialRecord


class AddsTwice(MemoryCredentials):
    def add(self, record: CredentialRecord) -> None:
        self._records.pop(record.id, None)
        super().add(record)


class LooksThenAdds(MemoryCredentials):
    def add(self, record: CredentialRecord) -> None:
        taken = self.get(record.id) is not None
        time.sleep(0.01)
        if not taken:
            self._records.pop(record.id, None)
        super().add(record)


class FindsByPrefix(MemoryCredentials):
    def add(self, record: CredentialRecord) -> None:
        super().add(replace(record, id=record.id[:767]))  # type: ignore[arg-type] # a slice is an id as well

    def get(self, credential_id: bytes) -> CredentialRecord | None:
        return super().get(credential_id[:767])


class LosesAField(MemoryCredentials):
    def add(self, record: CredentialRecord) -> None:
        super().add(replace(record, attachment=None))


class InOrderOfArrival(MemoryCredentials):
    def for_user(self, user_handle: bytes) -> list[CredentialRecord]:
        return [self._records[key] for key in self._ids_of.get(user_handle, ())]


class UpdatesAnything(MemoryCredentials):
    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        stored = self.get(before.id)
        return stored is not None and super().update(stored, after)


class ComparesTheCounterAlone(MemoryCredentials):
    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        stored = self.get(before.id)
        return stored is not None and super().update(replace(stored, sign_count=before.sign_count), after)


class ComparesThenUpdates(MemoryCredentials):
    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        stored = self.get(before.id)
        same = stored is not None and stored.sign_count == before.sign_count
        time.sleep(0.01)
        stored = self.get(before.id)
        return same and stored is not None and super().update(stored, after)


class WritesTheWholeRecord(MemoryCredentials):
    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        if not super().update(before, after):
            return False
        self._records[before.id] = after
        return True


class CountsRowsThatDiffer(MemoryCredentials):
    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        return before != after and super().update(before, after)


class BringsBackTheDead(MemoryCredentials):
    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        if self.get(before.id) is None:
            self.add(after)
        return super().update(before, after)


class RenamesForAnyone(MemoryCredentials):
    def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        stored = self.get(credential_id)
        return stored is not None and super().rename(stored.user_handle, credential_id, name)


class RemovesForAnyone(MemoryCredentials):
    def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        stored = self.get(credential_id)
        return stored is not None and super().remove(stored.user_handle, credential_id)


class HidesTheRemoved(MemoryCredentials):
    def __init__(self) -> None:
        super().__init__()
        self._hidden: set[bytes] = set()

    def add(self, record: CredentialRecord) -> None:
        super().add(record)
        if record.id in self._hidden:
            super().remove(record.user_handle, record.id)

    def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        self._hidden.add(credential_id)
        return super().remove(user_handle, credential_id)


class TakesAgain(MemoryCeremonies):
    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        state = self._states.get(ceremony_id)
        return state if state is not None and state.expires_at > now else None


class ReadsThenDeletes(MemoryCeremonies):
    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        state = self._states.get(ceremony_id)
        time.sleep(0.01)
        super().take(ceremony_id, now)
        return state if state is not None and state.expires_at > now else None


class NeverExpires(MemoryCeremonies):
    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        return self._states.pop(ceremony_id, None)


class ExpiresALittleLater(MemoryCeremonies):
    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        return super().take(ceremony_id, now.replace(microsecond=0))


class OneAtATime(MemoryCeremonies):
    def put(self, state: CeremonyState) -> str:
        self._states.clear()
        return super().put(state)


class IgnoresZones(MemoryCeremonies):
    def put(self, state: CeremonyState) -> str:
        return super().put(replace(state, expires_at=state.expires_at.replace(tzinfo=NOW.tzinfo)))


class TrimsIds(MemoryCeremonies):
    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        return super().take(ceremony_id.strip(), now)


class SweepsEverything(MemoryCeremonies):
    def sweep(self, now: datetime) -> int:
        self._states.clear()
        return 0


class SweepsNothing(MemoryCeremonies):
    def sweep(self, now: datetime) -> int:
        return sum(state.expires_at <= now for state in self._states.values())


FAULTS: list[tuple[type, type, str]] = [
    (CredentialStoreContract, AddsTwice, "test_an_id_is_added_once"),
    (CredentialStoreContract, LooksThenAdds, "test_of_many_additions_at_once_one_wins"),
    (CredentialStoreContract, FindsByPrefix, "test_ids_that_share_a_beginning_are_different_ids"),
    (CredentialStoreContract, LosesAField, "test_a_record_comes_back_as_it_went_in"),
    (CredentialStoreContract, InOrderOfArrival, "test_a_user_has_their_own_records_oldest_first"),
    (CredentialStoreContract, UpdatesAnything, "test_an_update_fails_if_somebody_was_faster"),
    (CredentialStoreContract, ComparesTheCounterAlone, "test_an_update_fails_if_somebody_was_faster"),
    (CredentialStoreContract, ComparesThenUpdates, "test_of_many_updates_at_once_one_wins"),
    (CredentialStoreContract, WritesTheWholeRecord, "test_an_update_changes_what_a_sign_in_changes"),
    (CredentialStoreContract, WritesTheWholeRecord, "test_an_update_does_not_undo_a_new_name"),
    (CredentialStoreContract, CountsRowsThatDiffer, "test_an_update_that_changes_nothing_succeeds"),
    (CredentialStoreContract, BringsBackTheDead, "test_an_update_of_a_record_that_is_gone_fails"),
    (CredentialStoreContract, RenamesForAnyone, "test_a_user_renames_and_removes_their_own"),
    (CredentialStoreContract, RemovesForAnyone, "test_a_user_renames_and_removes_their_own"),
    (CredentialStoreContract, HidesTheRemoved, "test_a_removed_id_is_free_again"),
    (CeremonyStoreContract, TakesAgain, "test_a_state_is_taken_once"),
    (CeremonyStoreContract, ReadsThenDeletes, "test_of_many_takers_at_once_one_gets_it"),
    (CeremonyStoreContract, NeverExpires, "test_an_expired_state_is_not_returned"),
    (CeremonyStoreContract, ExpiresALittleLater, "test_an_expired_state_is_not_returned"),
    (CeremonyStoreContract, OneAtATime, "test_two_tabs_have_two_ceremonies"),
    (CeremonyStoreContract, IgnoresZones, "test_times_may_come_in_any_zone"),
    (CeremonyStoreContract, TrimsIds, "test_an_unknown_id_is_none"),
    (CeremonyStoreContract, SweepsEverything, "test_sweeping_forgets_the_expired_and_nothing_else"),
    (CeremonyStoreContract, SweepsNothing, "test_sweeping_forgets_the_expired_and_nothing_else"),
]


@pytest.mark.parametrize(("contract", "store", "test"), FAULTS, ids=lambda value: getattr(value, "__name__", value))
def test_a_faulty_store_fails(contract: Any, store: Any, test: str) -> None:
    # A refusal that nobody expected fails a test as well.
    with pytest.raises((AssertionError, CredentialRefused)):
        getattr(contract(), test)(store())
