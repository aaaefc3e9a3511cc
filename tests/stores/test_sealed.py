"""Sealed ceremonies: the contract, what is refused and how, and keys that change."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.sql import database
from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, Misconfigured
from unlatch.stores.contract import NOW, CeremonyStoreContract, blocking, sample_state
from unlatch.stores.memory import AsyncMemoryCeremonyUses, MemoryCeremonyUses
from unlatch.stores.sealed import REMEMBER, AsyncSealedCeremonies, SealedCeremonies
from unlatch.stores.sqlalchemy import SqlCeremonyUses
from unlatch.wire import base64url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from unlatch.stores.protocols import CeremonyStore

KEY, OTHER_KEY = secrets.token_bytes(32), secrets.token_bytes(32)


class TestSealed(CeremonyStoreContract):
    @pytest.fixture
    def store(self) -> CeremonyStore:
        return SealedCeremonies([KEY], uses=MemoryCeremonyUses())


class TestSealedOnSqlite(CeremonyStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[CeremonyStore]:
        with database(tmp_path / "db.sqlite3") as engine:
            yield SealedCeremonies([KEY], uses=SqlCeremonyUses(engine))


class TestAsyncSealed(CeremonyStoreContract):
    @pytest.fixture
    def store(self) -> Iterator[CeremonyStore]:
        with blocking() as block:
            yield block(lambda: AsyncSealedCeremonies([KEY], uses=AsyncMemoryCeremonyUses()))


def sealed(*keys: bytes) -> SealedCeremonies:
    return SealedCeremonies(keys or [KEY], uses=MemoryCeremonyUses())


def refusal(store: SealedCeremonies, text: str, now: datetime = NOW) -> Code:
    with pytest.raises(CeremonyRefused) as caught:
        store.take(text, now)
    assert caught.value.step == "options"
    assert caught.value.detail or caught.value.expected
    return caught.value.code


def test_each_refusal_has_its_own_code() -> None:
    store = sealed()
    text = store.put(sample_state())
    assert refusal(store, text, NOW + timedelta(seconds=300)) is Code.CEREMONY_EXPIRED
    assert store.take(text, NOW) == sample_state()
    assert refusal(store, text) is Code.CEREMONY_USED
    assert refusal(sealed(OTHER_KEY), text) is Code.CEREMONY_SEAL
    assert refusal(store, text[:-4]) is Code.CEREMONY_SEAL
    assert refusal(store, "A" * 200_000) is Code.CEREMONY_SEAL


@given(data=st.data())
def test_any_changed_byte_is_refused(data: Any) -> None:
    store = sealed()
    raw = bytearray(base64url.decode(store.put(sample_state()), ""))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    assert refusal(store, base64url.encode(bytes(raw))) is Code.CEREMONY_SEAL


@pytest.mark.parametrize("length", [0, 1, 8, 9, 20, 21, 36, 37, 38])
def test_any_cut_is_refused(length: int) -> None:
    store = sealed()
    raw = base64url.decode(store.put(sample_state()), "")
    assert refusal(store, base64url.encode(raw[:length])) is Code.CEREMONY_SEAL
    assert refusal(store, base64url.encode(raw + bytes(length + 1))) is Code.CEREMONY_SEAL


@given(text=st.text() | st.text("ABCab01-_", max_size=100))
def test_any_text_is_refused_or_opened_never_anything_else(text: str) -> None:
    assert refusal(sealed(), text) is Code.CEREMONY_SEAL


def test_another_spelling_of_one_seal_is_no_second_use() -> None:
    """Padding, white space, the other alphabet, spare bits: only one text opens."""
    store = sealed()
    for state in (sample_state(), sample_state(expires_at=NOW + timedelta(seconds=299, microseconds=10))):
        text = store.put(state)
        for other in (text + "=", text + "==", text + "\n", " " + text, text[:-1] + chr(ord(text[-1]) + 1)):
            assert refusal(store, other) is Code.CEREMONY_SEAL


def test_the_state_cannot_be_read_on_its_way() -> None:
    state = sample_state()
    raw = base64url.decode(sealed().put(state), "")
    assert state.challenge not in raw
    assert b"example.org" not in raw
    assert sealed().put(state) != sealed().put(state)


def test_keys_change_without_anybody_noticing() -> None:
    uses = MemoryCeremonyUses()
    before = SealedCeremonies([KEY], uses=uses)
    during = SealedCeremonies([OTHER_KEY, KEY], uses=uses)
    after = SealedCeremonies([OTHER_KEY], uses=uses)
    first, second = before.put(sample_state()), before.put(sample_state())
    assert during.take(first, NOW) == sample_state()
    assert refusal(before, first) is Code.CEREMONY_USED
    assert refusal(after, second) is Code.CEREMONY_SEAL
    third = during.put(sample_state())
    assert after.take(third, NOW) == sample_state()
    assert refusal(before, third) is Code.CEREMONY_SEAL


def test_beginning_writes_nothing_and_finishing_little() -> None:
    uses = MemoryCeremonyUses()
    store = SealedCeremonies([KEY], uses=uses)
    texts = [store.put(sample_state()) for _ in range(100)]
    assert not uses._used
    store.take(texts[0], NOW)
    refusal(store, texts[1], NOW + timedelta(seconds=300))
    assert len(uses._used) == 1


def test_a_swept_use_opens_nothing_when_the_clock_goes_back() -> None:
    store = sealed()
    text = store.put(sample_state())
    assert store.take(text, NOW) is not None
    expiry = NOW + timedelta(seconds=300)
    assert store.sweep(expiry + timedelta(minutes=30)) == 0
    assert refusal(store, text, NOW) is Code.CEREMONY_USED
    assert store.sweep(expiry + REMEMBER) == 1


@pytest.mark.parametrize("keys", [[], KEY, "key", [b"short"], [KEY, KEY], [KEY, "x" * 32], [bytearray(32)]])
def test_wrong_keys_are_misconfigured(keys: Any) -> None:
    for store in (SealedCeremonies, AsyncSealedCeremonies):
        with pytest.raises(Misconfigured):
            store(keys, uses=MemoryCeremonyUses())
