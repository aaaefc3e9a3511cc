"""The tests of a `CeremonyStore`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from unlatch.errors import CeremonyRefused
from unlatch.stores.contract.running import AT_ONCE, at_once, equal
from unlatch.stores.contract.samples import NOW, sample_state, zone
from unlatch.terms import CeremonyKind

if TYPE_CHECKING:
    from unlatch.ceremonies.state import CeremonyState
    from unlatch.stores.protocols import CeremonyStore


class CeremonyStoreContract:
    """Tests of a `CeremonyStore`."""

    def test_a_state_is_taken_once(self, store: CeremonyStore) -> None:
        """It comes back as it went in, and then it is gone."""
        for kind in CeremonyKind:
            state = sample_state(kind)
            ceremony_id = store.put(state)
            equal(store.take(ceremony_id, NOW), state)
            equal(gone(store, ceremony_id, NOW), True)

    def test_two_tabs_have_two_ceremonies(self, store: CeremonyStore) -> None:
        """Equal states are still different ceremonies."""
        state = sample_state()
        first, second = store.put(state), store.put(state)
        equal(first == second, False)
        equal(store.take(second, NOW), state)
        equal(store.take(first, NOW), state)

    def test_an_unknown_id_is_none(self, store: CeremonyStore) -> None:
        """The id comes from a client: any text, also half characters, and a known id with something appended."""
        ceremony_id = store.put(sample_state())
        strangers = ["", "unknown", "\x00", "\ud800", "\u00e9", "x" * 100_000, ceremony_id + " ", ceremony_id[:-1]]
        for stranger in strangers:
            equal(gone(store, stranger, NOW), True)
        equal(store.take(ceremony_id, NOW), sample_state())

    def test_an_expired_state_is_not_returned(self, store: CeremonyStore) -> None:
        """Expiry is exact to the microsecond."""
        expires_at = NOW + timedelta(seconds=300)
        late = store.put(sample_state(expires_at=expires_at))
        equal(gone(store, late, expires_at), True)
        in_time = store.put(sample_state(expires_at=expires_at))
        equal(store.take(in_time, expires_at - timedelta(microseconds=1)), sample_state(expires_at=expires_at))

    def test_times_may_come_in_any_zone(self, store: CeremonyStore) -> None:
        """An aware time is a point in time."""
        east = datetime(2026, 3, 1, 17, 30, 0, 123456, tzinfo=zone(5.5))
        late, in_time = (store.put(sample_state(expires_at=east + timedelta(seconds=number))) for number in (0, 1))
        equal(gone(store, late, NOW), True)
        equal(store.take(in_time, NOW.astimezone(zone(-8))) is not None, True)

    def test_of_many_takers_at_once_one_gets_it(self, store: CeremonyStore) -> None:
        """Taking is one action."""
        for _ in range(3):
            state = sample_state()
            ceremony_id = store.put(state)
            taken = at_once(lambda _, key=ceremony_id: taken_or_none(store, key, NOW), AT_ONCE)  # type: ignore[misc] # as above
            equal([found for found in taken if found is not None], [state])

    def test_sweeping_forgets_the_expired_and_nothing_else(self, store: CeremonyStore) -> None:
        """A second sweep finds nothing. A store whose server forgets by its own clock may have nothing to sweep."""
        expired = [store.put(sample_state(expires_at=NOW - timedelta(seconds=number))) for number in range(3)]
        alive = store.put(sample_state(expires_at=NOW + timedelta(microseconds=1)))
        equal(store.sweep(NOW) <= len(expired), True)
        equal(store.sweep(NOW), 0)
        for ceremony_id in expired:
            equal(gone(store, ceremony_id, NOW), True)
        equal(store.take(alive, NOW) is not None, True)


def taken_or_none(store: CeremonyStore, ceremony_id: str, now: datetime) -> CeremonyState | None:
    """Take a state; a refusal that says why there is none counts as none."""
    try:
        return store.take(ceremony_id, now)
    except CeremonyRefused:
        return None


def gone(store: CeremonyStore, ceremony_id: str, now: datetime) -> bool:
    """Whether there is nothing to take."""
    return taken_or_none(store, ceremony_id, now) is None
