"""The tests of a `CredentialStore`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from unlatch.codes import Code
from unlatch.errors import CredentialRefused
from unlatch.stores.contract.running import AT_ONCE, at_once, equal
from unlatch.stores.contract.samples import NOW, full_record, sample_record
from unlatch.terms import UserHandle

if TYPE_CHECKING:
    from collections.abc import Callable

    from unlatch.record import CredentialRecord
    from unlatch.stores.protocols import CredentialStore


class CredentialStoreContract:
    """Tests of a `CredentialStore`."""

    def test_a_record_comes_back_as_it_went_in(self, store: CredentialStore) -> None:
        """Every field, at the ends of its range."""
        for record in (
            sample_record(b"\x00"),
            sample_record(b"\xff" * 1023, user_handle=b"\xff" * 64, sign_count=2**32 - 1),
            full_record(),
        ):
            store.add(record)
            equal(store.get(record.id), record)

    def test_ids_that_share_a_beginning_are_different_ids(self, store: CredentialStore) -> None:
        """A store that indexes a prefix, or compares text without case, fails here."""
        ids = [b"a" * 1022, b"a" * 1023, b"a" * 1022 + b"b", b"A" * 1023, b"a" * 1022 + b" ", b"a" * 1022 + b"\x00"]
        for credential_id in ids:
            store.add(sample_record(credential_id))
        for credential_id in ids:
            found = store.get(credential_id)
            equal(found and found.id, credential_id)

    def test_an_unknown_id_is_none(self, store: CredentialStore) -> None:
        """The id comes from a client: also empty, also far too long."""
        store.add(sample_record(b"known"))
        for credential_id in (b"unknown", b"", b"known\x00", bytes(5000)):
            equal(store.get(credential_id), None)

    def test_an_id_is_added_once(self, store: CredentialStore) -> None:
        """Neither the same user nor another can add it again, and the first record stays."""
        first = sample_record(b"id", user_handle=b"ada", sign_count=1)
        store.add(first)
        for again in (first, replace(first, user_handle=UserHandle(b"eve"), sign_count=9)):
            _refuses(lambda again=again: store.add(again))  # type: ignore[misc] # mypy cannot infer a lambda with a default
        equal(store.get(b"id"), first)
        equal(store.for_user(b"eve"), [])

    def test_of_many_additions_at_once_one_wins(self, store: CredentialStore) -> None:
        """Uniqueness holds under concurrency, and the record is the winner's."""
        added = at_once(lambda number: _adds(store, sample_record(b"id", sign_count=number)), AT_ONCE)
        equal(sum(added), 1)
        found = store.get(b"id")
        equal(found and found.sign_count, added.index(True))
        equal(len(store.for_user(b"ada")), 1)

    def test_a_user_has_their_own_records_oldest_first(self, store: CredentialStore) -> None:
        """By time of creation; a record without one is from before all others."""
        middle = sample_record(b"middle", created_at=NOW)
        youngest = sample_record(b"youngest", created_at=NOW + timedelta(microseconds=1))
        oldest = sample_record(b"oldest", created_at=NOW - timedelta(days=400))
        imported = sample_record(b"imported", created_at=None)
        for record in (middle, youngest, sample_record(b"other", user_handle=b"adam"), oldest, imported):
            store.add(record)
        equal([record.id for record in store.for_user(b"ada")], [b"imported", b"oldest", b"middle", b"youngest"])
        for stranger in (b"ad", b"ADA", b"ada\x00", b"ada ", b"", bytes(200)):
            equal(store.for_user(stranger), [])

    def test_an_update_changes_what_a_sign_in_changes(self, store: CredentialStore) -> None:
        """The five fields, and no other."""
        before = sample_record(b"id", name="Key")
        bystander = sample_record(b"bystander")
        store.add(before)
        store.add(bystander)
        after = replace(
            before,
            sign_count=2**32 - 1,
            backup_eligible=True,
            backup_state=True,
            uv_initialized=True,
            last_used_at=NOW,
        )
        equal(store.update(before, replace(after, name="Other", public_key=b"other", transports=("nfc",))), True)
        equal(store.get(b"id"), after)
        equal(store.get(b"bystander"), bystander)

    def test_an_update_that_changes_nothing_succeeds(self, store: CredentialStore) -> None:
        """A synced passkey counts nothing: its sign-ins may leave the row as it is."""
        record = sample_record(b"id", last_used_at=NOW)
        store.add(record)
        equal(store.update(record, record), True)
        equal(store.get(b"id"), record)

    def test_an_update_fails_if_somebody_was_faster(self, store: CredentialStore) -> None:
        """Each of the compared fields counts; what is stored stays."""
        stored = sample_record(b"id", sign_count=5, backup_state=True, uv_initialized=True)
        store.add(stored)
        for stale in (
            replace(stored, sign_count=4),
            replace(stored, backup_state=False),
            replace(stored, uv_initialized=False),
            replace(stored, user_handle=UserHandle(b"eve")),
            replace(stored, public_key=stored.public_key + b"\0"),
        ):
            equal(store.update(stale, replace(stale, sign_count=9, last_used_at=NOW)), False)
            equal(store.get(b"id"), stored)

    def test_an_update_does_not_undo_a_new_name(self, store: CredentialStore) -> None:
        """A person renames their passkey while they sign in with it."""
        before = sample_record(b"id", name="Old")
        store.add(before)
        equal(store.rename(b"ada", b"id", "New"), True)
        equal(store.update(before, replace(before, sign_count=1)), True)
        equal(store.get(b"id"), replace(before, sign_count=1, name="New"))

    def test_an_update_of_a_record_that_is_gone_fails(self, store: CredentialStore) -> None:
        """A removed credential does not come back."""
        record = sample_record(b"id")
        equal(store.update(record, replace(record, sign_count=1)), False)
        equal(store.get(b"id"), None)

    def test_of_many_updates_at_once_one_wins(self, store: CredentialStore) -> None:
        """Compare-and-set is one action."""
        before = sample_record(b"id")
        store.add(before)
        won = at_once(lambda number: store.update(before, replace(before, sign_count=number + 1)), AT_ONCE)
        equal(sum(won), 1)
        found = store.get(b"id")
        equal(found and found.sign_count, won.index(True) + 1)

    def test_a_user_renames_and_removes_their_own(self, store: CredentialStore) -> None:
        """And nobody else's."""
        record = sample_record(b"id", name=None)
        store.add(record)
        store.add(sample_record(b"second"))
        name = "Ada\u2019s \U0001f511 \u2013 \u043a\u043b\u044e\u0447"
        equal(store.rename(b"eve", b"id", name), False)
        equal(store.rename(b"ada", b"unknown", name), False)
        equal(store.get(b"id"), record)
        equal(store.rename(b"ada", b"id", name), True)
        equal(store.rename(b"ada", b"id", name), True)
        equal(store.get(b"id"), replace(record, name=name))
        equal(store.remove(b"eve", b"id"), False)
        equal(store.remove(b"ada", b"unknown"), False)
        equal(store.remove(b"ada", b"id"), True)
        equal(store.remove(b"ada", b"id"), False)
        equal(store.get(b"id"), None)
        equal([found.id for found in store.for_user(b"ada")], [b"second"])

    def test_a_removed_id_is_free_again(self, store: CredentialStore) -> None:
        """An authenticator that was taken off an account may be registered again, for anyone."""
        store.add(sample_record(b"id"))
        equal(store.remove(b"ada", b"id"), True)
        again = sample_record(b"id", user_handle=b"bob")
        store.add(again)
        equal(store.for_user(b"ada"), [])
        equal(store.for_user(b"bob"), [again])


def _adds(store: CredentialStore, record: CredentialRecord) -> bool:
    try:
        store.add(record)
    except CredentialRefused:
        return False
    return True


def _refuses(add: Callable[[], None]) -> None:
    try:
        add()
    except CredentialRefused as refused:
        equal((refused.code, refused.step), (Code.CREDENTIAL_ALREADY_REGISTERED, "credential-not-registered"))
    else:
        raise AssertionError("a second record with the same credential id was added")
