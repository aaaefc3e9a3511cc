"""What every store must pass: two classes of tests, to be inherited by the tests of a store.

```python
import pytest
from unlatch.stores.contract import CeremonyStoreContract, CredentialStoreContract, blocking

class TestMyCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self):
        return MyCredentials(...)                   # empty, and safe to use from several threads

class TestMyAsyncCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self):
        with blocking() as block:
            yield block(lambda: MyAsyncCredentials(...))
```

The classes need nothing but the fixture `store`; any runner that passes it as an argument will do. They stand here
and not in `unlatch.testing`, because that package knows none of the values that a store keeps.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, TypeVar

from unlatch.ceremonies.state import CeremonyState
from unlatch.codes import Code
from unlatch.errors import CredentialRefused
from unlatch.record import CredentialRecord
from unlatch.terms import AttestationType, CeremonyKind, CredentialId, Mediation, RpId, TrustVerdict, UserHandle
from unlatch.wire.options import UserEntity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unlatch.stores.protocols import CeremonyStore, CredentialStore

T = TypeVar("T")

#: The time at which the contract plays.
NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)

_AT_ONCE = 32


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
            _equal(store.get(record.id), record)

    def test_ids_that_share_a_beginning_are_different_ids(self, store: CredentialStore) -> None:
        """A store that indexes a prefix, or compares text without case, fails here."""
        ids = [b"a" * 1022, b"a" * 1023, b"a" * 1022 + b"b", b"A" * 1023, b"a" * 1022 + b" ", b"a" * 1022 + b"\x00"]
        for credential_id in ids:
            store.add(sample_record(credential_id))
        for credential_id in ids:
            found = store.get(credential_id)
            _equal(found and found.id, credential_id)

    def test_an_unknown_id_is_none(self, store: CredentialStore) -> None:
        """The id comes from a client: also empty, also far too long."""
        store.add(sample_record(b"known"))
        for credential_id in (b"unknown", b"", b"known\x00", bytes(5000)):
            _equal(store.get(credential_id), None)

    def test_an_id_is_added_once(self, store: CredentialStore) -> None:
        """Neither the same user nor another can add it again, and the first record stays."""
        first = sample_record(b"id", user_handle=b"ada", sign_count=1)
        store.add(first)
        for again in (first, replace(first, user_handle=UserHandle(b"eve"), sign_count=9)):
            _refuses(lambda again=again: store.add(again))  # type: ignore[misc] # mypy cannot infer a lambda with a default
        _equal(store.get(b"id"), first)
        _equal(store.for_user(b"eve"), [])

    def test_of_many_additions_at_once_one_wins(self, store: CredentialStore) -> None:
        """Uniqueness holds under concurrency, and the record is the winner's."""
        added = at_once(lambda number: _adds(store, sample_record(b"id", sign_count=number)), _AT_ONCE)
        _equal(sum(added), 1)
        found = store.get(b"id")
        _equal(found and found.sign_count, added.index(True))
        _equal(len(store.for_user(b"ada")), 1)

    def test_a_user_has_their_own_records_oldest_first(self, store: CredentialStore) -> None:
        """By time of creation; a record without one is from before all others."""
        middle = sample_record(b"middle", created_at=NOW)
        youngest = sample_record(b"youngest", created_at=NOW + timedelta(microseconds=1))
        oldest = sample_record(b"oldest", created_at=NOW - timedelta(days=400))
        imported = sample_record(b"imported", created_at=None)
        for record in (middle, youngest, sample_record(b"other", user_handle=b"adam"), oldest, imported):
            store.add(record)
        _equal([record.id for record in store.for_user(b"ada")], [b"imported", b"oldest", b"middle", b"youngest"])
        for stranger in (b"ad", b"ADA", b"ada\x00", b"ada ", b"", bytes(200)):
            _equal(store.for_user(stranger), [])

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
        _equal(store.update(before, replace(after, name="Other", public_key=b"other", transports=("nfc",))), True)
        _equal(store.get(b"id"), after)
        _equal(store.get(b"bystander"), bystander)

    def test_an_update_that_changes_nothing_succeeds(self, store: CredentialStore) -> None:
        """A synced passkey counts nothing: its sign-ins may leave the row as it is."""
        record = sample_record(b"id", last_used_at=NOW)
        store.add(record)
        _equal(store.update(record, record), True)
        _equal(store.get(b"id"), record)

    def test_an_update_fails_if_somebody_was_faster(self, store: CredentialStore) -> None:
        """Each of the three compared fields counts; what is stored stays."""
        stored = sample_record(b"id", sign_count=5, backup_state=True, uv_initialized=True)
        store.add(stored)
        for stale in (
            replace(stored, sign_count=4),
            replace(stored, backup_state=False),
            replace(stored, uv_initialized=False),
        ):
            _equal(store.update(stale, replace(stale, sign_count=9, last_used_at=NOW)), False)
            _equal(store.get(b"id"), stored)

    def test_an_update_does_not_undo_a_new_name(self, store: CredentialStore) -> None:
        """A person renames their passkey while they sign in with it."""
        before = sample_record(b"id", name="Old")
        store.add(before)
        _equal(store.rename(b"ada", b"id", "New"), True)
        _equal(store.update(before, replace(before, sign_count=1)), True)
        _equal(store.get(b"id"), replace(before, sign_count=1, name="New"))

    def test_an_update_of_a_record_that_is_gone_fails(self, store: CredentialStore) -> None:
        """A removed credential does not come back."""
        record = sample_record(b"id")
        _equal(store.update(record, replace(record, sign_count=1)), False)
        _equal(store.get(b"id"), None)

    def test_of_many_updates_at_once_one_wins(self, store: CredentialStore) -> None:
        """Compare-and-set is one action."""
        before = sample_record(b"id")
        store.add(before)
        won = at_once(lambda number: store.update(before, replace(before, sign_count=number + 1)), _AT_ONCE)
        _equal(sum(won), 1)
        found = store.get(b"id")
        _equal(found and found.sign_count, won.index(True) + 1)

    def test_a_user_renames_and_removes_their_own(self, store: CredentialStore) -> None:
        """And nobody else's."""
        record = sample_record(b"id", name=None)
        store.add(record)
        store.add(sample_record(b"second"))
        name = "Ada\u2019s \U0001f511 \u2013 \u043a\u043b\u044e\u0447"
        _equal(store.rename(b"eve", b"id", name), False)
        _equal(store.rename(b"ada", b"unknown", name), False)
        _equal(store.get(b"id"), record)
        _equal(store.rename(b"ada", b"id", name), True)
        _equal(store.rename(b"ada", b"id", name), True)
        _equal(store.get(b"id"), replace(record, name=name))
        _equal(store.remove(b"eve", b"id"), False)
        _equal(store.remove(b"ada", b"unknown"), False)
        _equal(store.remove(b"ada", b"id"), True)
        _equal(store.remove(b"ada", b"id"), False)
        _equal(store.get(b"id"), None)
        _equal([found.id for found in store.for_user(b"ada")], [b"second"])

    def test_a_removed_id_is_free_again(self, store: CredentialStore) -> None:
        """An authenticator that was taken off an account may be registered again, for anyone."""
        store.add(sample_record(b"id"))
        _equal(store.remove(b"ada", b"id"), True)
        again = sample_record(b"id", user_handle=b"bob")
        store.add(again)
        _equal(store.for_user(b"ada"), [])
        _equal(store.for_user(b"bob"), [again])


class CeremonyStoreContract:
    """Tests of a `CeremonyStore`."""

    def test_a_state_is_taken_once(self, store: CeremonyStore) -> None:
        """It comes back as it went in, and then it is gone."""
        for kind in CeremonyKind:
            state = sample_state(kind)
            ceremony_id = store.put(state)
            _equal(store.take(ceremony_id, NOW), state)
            _equal(store.take(ceremony_id, NOW), None)

    def test_two_tabs_have_two_ceremonies(self, store: CeremonyStore) -> None:
        """Equal states are still different ceremonies."""
        state = sample_state()
        first, second = store.put(state), store.put(state)
        _equal(first == second, False)
        _equal(store.take(second, NOW), state)
        _equal(store.take(first, NOW), state)

    def test_an_unknown_id_is_none(self, store: CeremonyStore) -> None:
        """The id comes from a client: any text, also half characters, and a known id with something appended."""
        ceremony_id = store.put(sample_state())
        strangers = ["", "unknown", "\x00", "\ud800", "\u00e9", "x" * 100_000, ceremony_id + " ", ceremony_id[:-1]]
        for stranger in strangers:
            _equal(store.take(stranger, NOW), None)
        _equal(store.take(ceremony_id, NOW), sample_state())

    def test_an_expired_state_is_not_returned(self, store: CeremonyStore) -> None:
        """Expiry is exact to the microsecond, and an expired state is gone even if the clock goes back."""
        expires_at = NOW + timedelta(seconds=300)
        late = store.put(sample_state(expires_at=expires_at))
        _equal(store.take(late, expires_at), None)
        _equal(store.take(late, NOW), None)
        in_time = store.put(sample_state(expires_at=expires_at))
        _equal(store.take(in_time, expires_at - timedelta(microseconds=1)), sample_state(expires_at=expires_at))

    def test_times_may_come_in_any_zone(self, store: CeremonyStore) -> None:
        """An aware time is a point in time."""
        east = datetime(2026, 3, 1, 17, 30, 0, 123456, tzinfo=_zone(5.5))
        late, in_time = (store.put(sample_state(expires_at=east + timedelta(seconds=number))) for number in (0, 1))
        _equal(store.take(late, NOW), None)
        _equal(store.take(in_time, NOW.astimezone(_zone(-8))) is not None, True)

    def test_of_many_takers_at_once_one_gets_it(self, store: CeremonyStore) -> None:
        """Taking is one action."""
        for _ in range(3):
            state = sample_state()
            ceremony_id = store.put(state)
            taken = at_once(lambda _, key=ceremony_id: store.take(key, NOW), _AT_ONCE)  # type: ignore[misc] # as above
            _equal([found for found in taken if found is not None], [state])

    def test_sweeping_forgets_the_expired_and_nothing_else(self, store: CeremonyStore) -> None:
        """A second sweep finds nothing."""
        expired = [store.put(sample_state(expires_at=NOW - timedelta(seconds=number))) for number in range(3)]
        alive = store.put(sample_state(expires_at=NOW + timedelta(microseconds=1)))
        # A store may have dropped some by itself already, but it must not claim more than there were.
        _equal(store.sweep(NOW) <= len(expired), True)
        _equal(store.sweep(NOW), 0)
        for ceremony_id in expired:
            _equal(store.take(ceremony_id, NOW - timedelta(days=1)), None)
        _equal(store.take(alive, NOW) is not None, True)


def sample_record(
    credential_id: bytes,
    *,
    user_handle: bytes = b"ada",
    sign_count: int = 0,
    backup_state: bool = False,
    uv_initialized: bool = False,
    name: str | None = None,
    created_at: datetime | None = NOW,
    last_used_at: datetime | None = None,
) -> CredentialRecord:
    """Make a plain record; its key is no key, which is nothing to a store."""
    return CredentialRecord(
        id=CredentialId(credential_id),
        public_key=b"\xa5\x01\x02",
        sign_count=sign_count,
        user_handle=UserHandle(user_handle),
        rp_id=RpId("example.org"),
        backup_state=backup_state,
        uv_initialized=uv_initialized,
        name=name,
        created_at=created_at,
        last_used_at=last_used_at,
    )


def full_record() -> CredentialRecord:
    """Make a record in which no field has its default, with what clients may put into the fields they fill."""
    return CredentialRecord(
        id=CredentialId(bytes(range(256))),
        public_key=bytes(2000),
        sign_count=2**31,
        user_handle=UserHandle(b"\x00handle\x00"),
        rp_id=RpId("login.example.org"),
        transports=("internal", "", "\x00", "\u2028", "x" * 300),
        uv_initialized=True,
        backup_eligible=True,
        backup_state=True,
        aaguid=bytes(range(16)),  # type: ignore[arg-type] # 16 bytes are an AAGUID
        attestation_format="packed",
        attestation_type=AttestationType.BASIC_OR_ATTCA,
        trust=TrustVerdict.UNANCHORED,
        discoverable=False,
        attachment="cross-platform\x00\U0001f511",
        name="Ada\u2019s \U0001f511 'key' \\ \"two\"\n% ",
        created_at=NOW.astimezone(_zone(5.5)),
        last_used_at=NOW + timedelta(days=3000, microseconds=1),
        attestation_object=bytes(range(256)) * 200,
        client_data_json=b'{"type":"webauthn.create"}\xff\x00',
    )


def sample_state(
    kind: CeremonyKind = CeremonyKind.AUTHENTICATION, *, expires_at: datetime = NOW + timedelta(seconds=300)
) -> CeremonyState:
    """Make a state that was created 300 seconds before it expires."""
    return CeremonyState(
        kind=kind,
        challenge=bytes(range(32)),
        rp_id="example.org",
        origins=("https://example.org", "https://login.example.org:8443"),
        created_at=expires_at - timedelta(seconds=300),
        expires_at=expires_at,
        mediation=Mediation.CONDITIONAL,
        user=UserEntity(b"\x00ada", "ada", "Ada \u2013 \U0001f511"),
        algorithms=(-8, -7, -257),
        allow_credentials=(b"\x00", bytes(1023)),
        extensions={"appid": "https://example.org/app-id.json"},
        session_hash=bytes(range(32)),
    )


def at_once(action: Callable[[int], T], times: int) -> list[T]:
    """Call `action(0)`, `action(1)`, ... in as many threads, started together; return the results in that order."""
    barrier = threading.Barrier(times)

    def act(number: int) -> T:
        barrier.wait(timeout=60)
        return action(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(act, range(times)))


@contextmanager
def blocking() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Give asynchronous stores a blocking face, which the contract can call from any number of threads.

    Yields:
        A function that takes a factory of an asynchronous store, calls it inside a running event loop (which lives
        in a thread of its own), and returns an object whose methods run in that loop and wait for the result.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="unlatch-store-contract", daemon=True)
    thread.start()

    def block(factory: Callable[[], Any]) -> Any:
        async def make() -> Any:
            return factory()

        return _Blocking(asyncio.run_coroutine_threadsafe(make(), loop).result(timeout=60), loop)

    try:
        yield block
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Blocking:
    """Every method of `target`, waited for."""

    def __init__(self, target: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._target = target
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(method(*args, **kwargs), self._loop).result(timeout=60)

        return call


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
        _equal((refused.code, refused.step), (Code.CREDENTIAL_ALREADY_REGISTERED, "credential-not-registered"))
    else:
        raise AssertionError("a second record with the same credential id was added")


def _equal(found: object, expected: object) -> None:
    # Not the statement `assert`: this module is imported by other people's tests, where nobody rewrites it, and it
    # must also hold under `python -O`.
    if found != expected:
        raise AssertionError(f"expected {expected!r}, found {found!r}")


def _zone(hours: float) -> timezone:
    return timezone(timedelta(hours=hours))
