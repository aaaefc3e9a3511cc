"""What is special about the stores in memory."""

from __future__ import annotations

from datetime import timedelta

from unlatch.stores.contract import NOW, sample_state
from unlatch.stores.memory import MemoryCeremonies, MemoryCeremonyUses


def test_abandoned_ceremonies_do_not_pile_up() -> None:
    store = MemoryCeremonies()
    for minute in range(600):
        store.put(sample_state(expires_at=NOW + timedelta(minutes=minute)))
    # Five minutes of life each, one a minute.
    assert len(store._states) <= 6
    assert len(store._expiries) <= 6


def test_a_ceremony_that_was_taken_is_not_swept() -> None:
    store = MemoryCeremonies()
    taken, abandoned = store.put(sample_state()), store.put(sample_state())
    assert store.take(taken, NOW) is not None
    assert store.sweep(NOW + timedelta(seconds=300)) == 1
    assert store.take(abandoned, NOW) is None


def test_a_ceremony_found_expired_is_gone_even_if_the_clock_goes_back() -> None:
    store = MemoryCeremonies()
    ceremony_id = store.put(sample_state())
    assert store.take(ceremony_id, NOW + timedelta(seconds=300)) is None
    assert store.take(ceremony_id, NOW) is None


def test_uses_do_not_pile_up() -> None:
    store = MemoryCeremonyUses()
    for minute in range(600):
        now = NOW + timedelta(minutes=minute)
        store.use(minute.to_bytes(32, "big"), now=now, until=now + timedelta(minutes=5))
    assert len(store._used) == len(store._expiries) == 5
