"""Whatever a record may hold comes back from every store as it went in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.sql import async_database, database
from unlatch.record import CredentialRecord
from unlatch.stores.contract import blocking
from unlatch.stores.memory import MemoryCredentials
from unlatch.stores.sqlalchemy import AsyncSqlCredentials, SqlCredentials
from unlatch.terms import AttestationType, TrustVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from unlatch.stores.protocols import CredentialStore

zones = st.one_of(
    st.just(UTC), st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)
# The bounds of `datetimes` are naive by its interface; `timezones` makes the values aware.
epoch, far = datetime(1971, 1, 1), datetime(2199, 12, 31)  # noqa: DTZ001 - see above
times = st.datetimes(epoch, far, timezones=zones)
optional_bytes = st.none() | st.binary(max_size=3000)

records = st.builds(
    CredentialRecord,
    id=st.binary(min_size=1, max_size=1023),
    public_key=st.binary(min_size=1, max_size=3000),
    sign_count=st.integers(0, 2**32 - 1),
    user_handle=st.binary(min_size=1, max_size=64),
    rp_id=st.from_regex(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,2}", fullmatch=True),
    # What clients say: any text that is text.
    transports=st.lists(st.text(max_size=50), max_size=5).map(tuple),
    uv_initialized=st.booleans(),
    backup_eligible=st.none() | st.booleans(),
    backup_state=st.booleans(),
    aaguid=st.binary(min_size=16, max_size=16),
    attestation_format=st.sampled_from(("none", "packed", "android-safetynet")),
    attestation_type=st.sampled_from(AttestationType),
    trust=st.sampled_from(TrustVerdict),
    discoverable=st.none() | st.booleans(),
    attachment=st.none() | st.text(max_size=50),
    # What people say: `Passkeys.rename` lets no control characters through.
    name=st.none() | st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=255),
    created_at=st.none() | times,
    last_used_at=st.none() | times,
    attestation_object=optional_bytes,
    client_data_json=optional_bytes,
)


@pytest.fixture(scope="module")
def every_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[CredentialStore]]:
    folder = tmp_path_factory.mktemp("round-trip")
    with (
        database(folder / "sync.sqlite3") as engine,
        blocking() as block,
        async_database(folder / "async.sqlite3", block) as async_engine,
    ):
        yield [MemoryCredentials(), SqlCredentials(engine), block(lambda: AsyncSqlCredentials(async_engine))]


@given(record=records)
def test_a_record_survives(every_store: list[CredentialStore], record: CredentialRecord) -> None:
    survives(record, every_store)


@pytest.mark.needs("postgresql")
@given(record=records)
def test_a_record_survives_postgresql(postgresql_schema: Engine, record: CredentialRecord) -> None:
    survives(record, [SqlCredentials(postgresql_schema)])


@pytest.mark.needs("mariadb")
@given(record=records)
def test_a_record_survives_mariadb(mariadb_schema: Engine, record: CredentialRecord) -> None:
    survives(record, [SqlCredentials(mariadb_schema)])


def survives(record: CredentialRecord, stores: list[CredentialStore]) -> None:
    for store in stores:
        store.add(record)
        try:
            assert store.get(record.id) == record
            assert record in store.for_user(record.user_handle)
            found = store.get(record.id)
            assert found is not None
            assert all(time is None or time.tzinfo is not None for time in (found.created_at, found.last_used_at))
        finally:
            assert store.remove(record.user_handle, record.id)
